/**
 * Makes a fresh clone ready: installs the locked packages when they are missing or out of date and,
 * with the argument `build`, compiles when a source is newer than the last build.
 * Plain JavaScript on purpose: it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');

function run(command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) {
    console.error(`prepare: "${command} ${args.join(' ')}" failed`);
    process.exit(done.status ?? 1);
  }
}

function digest(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

/** Runs `work` unless `stamp` holds the digest of `inputs`, and stamps afterwards. */
function once(stamp, inputs, work) {
  const file = join(root, stamp);
  const wanted = digest(inputs);
  if (existsSync(file) && readFileSync(file, 'utf8') === wanted) return;
  work();
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, wanted);
}

once('node_modules/.installed', ['package-lock.json'], () => {
  console.error('prepare: installing packages (once)…');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
});

if (process.argv[2] === 'build') {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .sort();
  once('dist/.built', ['tsconfig.json', 'tsconfig.build.json', ...sources], () => {
    console.error('prepare: building…');
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    run('npm', ['run', '-s', 'build']);
  });
}
