import { readFileSync, writeFileSync } from 'node:fs';
import { TRUNK_NUMBERS } from '../../src/sandbox/virtual-trunk.js';
import { generatedPages } from './pages.js';

/** Layout does not count, which is the formatter's. */
function words(text: string): string {
  return text
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/-{3,}/g, '---')
    .replaceAll(/ ?\| ?/g, '|')
    .trim();
}

describe('the documentation', () => {
  it.each(Object.entries(generatedPages()))('%s is what the code says', (path, text) => {
    if (process.env.UPDATE_DOCS) writeFileSync(path, text);
    expect(words(readFileSync(path, 'utf8'))).toBe(words(text));
  });

  it('README.md lists the numbers of the sandbox as they are', () => {
    const rows = Object.entries(TRUNK_NUMBERS).map(([number, { does }]) => `| ${number} | ${does} |`);
    expect(words(readFileSync('README.md', 'utf8'))).toContain(words(rows.join('\n')));
  });
});
