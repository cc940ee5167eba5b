import { readFileSync, writeFileSync } from 'node:fs';
import { TRUNK_NUMBERS } from '../../src/sandbox/virtual-trunk.js';
import { DEMO_DIRECTORY_FILE } from '../../src/directory/yaml/yaml-directory.js';
import { readDirectory } from '../../src/directory/yaml/read-directory.js';
import { accountParts, documentedAccount } from '../support/own-softphone.js';
import { directoryPage } from './directory-page.js';
import { errorsPage } from './errors-page.js';
import { generatedPages } from './pages.js';
import { words } from './words.js';

describe('the documentation', () => {
  const pages = {
    ...generatedPages(),
    'docs/directory.md': directoryPage(),
    'docs/errors.md': errorsPage(),
  };

  it.each(Object.entries(pages))('%s is what the code says', (path, text) => {
    if (process.env.UPDATE_DOCS) writeFileSync(path, text);
    expect(words(readFileSync(path, 'utf8'))).toBe(words(text));
  });

  it('README.md lists the numbers of the sandbox as they are', () => {
    const rows = Object.entries(TRUNK_NUMBERS).map(([number, { does }]) => `| ${number} | ${does} |`);
    expect(words(readFileSync('README.md', 'utf8'))).toContain(words(rows.join('\n')));
  });

  it('README.md names the same account in the table of softphones as to baresip, and the demo directory has it', () => {
    const { user, domain, password, proxy } = accountParts(documentedAccount());
    const rows = words(readFileSync('README.md', 'utf8')).split('\n');
    for (const value of [user, domain, password, proxy])
      expect(rows.filter((row) => row.startsWith(`|\`${value}\`|`))).toHaveLength(1);
    const directory = readDirectory(readFileSync(DEMO_DIRECTORY_FILE, 'utf8'), DEMO_DIRECTORY_FILE);
    expect(directory.findDevice(`${user}@${domain}`)?.device.password).toBe(password);
  });
});
