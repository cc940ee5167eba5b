import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDirectory } from '../../src/directory/yaml/read-directory.js';
import { readClusters } from '../../src/engines/broadworks/clusters/read-clusters.js';
import { codeBlocks } from '../support/markdown.js';
import { ServiceProcess } from '../support/service-process.js';
import { eventually } from '../support/wait.js';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'broadworks-example-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const page = readFileSync(join(ROOT, 'docs/operators.md'), 'utf8');
const section = page.slice(page.indexOf('## Point it at BroadWorks'), page.indexOf('## Recordings'));
const blockOf = (word: string) => codeBlocks(section).find(({ words }) => words.includes(word))?.text ?? '';

describe('docs/operators.md, how to point it at BroadWorks', () => {
  it('shows a file of clusters and a directory that fit each other', () => {
    const file = join(folder, 'clusters.yaml');
    writeFileSync(file, blockOf('clusters'));
    for (const name of ['east-password', 'alice-password']) writeFileSync(join(folder, name), 'secret\n');
    const users = [...readDirectory(blockOf('directory'), 'directory.yaml').users()];
    expect(users.map(({ switchAccount }) => switchAccount)).toEqual([
      { userId: 'alice@acme.example', cluster: 'east' },
      { userId: 'bob.maes@acme.example', cluster: 'east' },
    ]);
    const [cluster, ...others] = readClusters(file, users);
    expect(cluster).toMatchObject({ id: 'east', userPasswords: { 'alice@acme.example': 'secret' } });
    expect(others).toEqual([]);
  });

  describe('to try it', () => {
    const [standInLine = '', serviceLine = ''] = blockOf('not-run').split('\n');
    let standIn: ChildProcess;
    let service: ServiceProcess;

    beforeAll(async () => {
      const [, script = '', args = ''] = /^npm run -s (\S+) -- (.+)$/.exec(standInLine) ?? [];
      const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      };
      const [, ...command] = `${scripts[script]} ${args.replace('8100', '0')}`.split(' ');
      standIn = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      standIn.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const [, url = ''] = await eventually(
        () => /BroadWorks stand-in on (\S+)/.exec(said) ?? undefined,
        () => `The stand-in does not start: ${said}`,
      );
      const variables = [...serviceLine.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name = '', value = '']) => [
        name,
        value,
      ]);
      const env = Object.fromEntries(variables) as Record<string, string>;
      const example = readFileSync(join(ROOT, env.BROADWORKS_FILE ?? ''), 'utf8');
      env.BROADWORKS_FILE = join(folder, 'stand-in.yaml');
      writeFileSync(env.BROADWORKS_FILE, example.replace('http://127.0.0.1:8100', url));
      service = new ServiceProcess(env);
      await service.start();
    }, 60_000);
    afterAll(async () => {
      await service.stop();
      standIn.kill();
    });

    it('places a call that becomes active, and ends it', async () => {
      expect(service.log).toContain('switch broadworks');
      const foouser = service.as('foouser');
      const callId = await foouser.dial('+3212345678');
      expect(await foouser.only('Active')).toMatchObject({ callId });
      expect(await foouser.release(callId)).toMatchObject({ status: 200, body: {} });
      await foouser.none();
    }, 60_000);
  });
});
