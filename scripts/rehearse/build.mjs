/** Carries out the steps of the Dockerfile, each stage in a folder of its own. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { makeRoot, runContainer } from './container.mjs';
import { readContainerfile } from './containerfile.mjs';

const copy = (from, to) =>
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });

/** What the machine's npm needs to know to reach its registry. */
function npmEnvironment() {
  const passed = Object.entries(process.env).filter(([name]) =>
    /^(https?_proxy|no_proxy|node_extra_ca_certs)$/i.test(name),
  );
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
  return { ...Object.fromEntries(passed), npm_config_registry: registry, npm_config_cache: '/tmp/npm' };
}

/** `node` and `npm` as the base image has them. @param node the binary of the version that the Dockerfile names */
export function makePrograms(folder, node) {
  mkdirSync(folder);
  copy(realpathSync(node), join(folder, 'node'));
  const npm = execFileSync('sh', ['-c', 'readlink -f /usr/bin/npm || readlink -f /usr/local/bin/npm'], {
    encoding: 'utf8',
  });
  symlinkSync(npm.trim(), join(folder, 'npm'));
}

/** The files that .dockerignore lets through: it ignores everything and then names exceptions. */
function makeContext(project, folder) {
  const [all, ...exceptions] = readFileSync(join(project, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  if (all !== '*' || exceptions.some((line) => !/^![\w./-]+$/.test(line)))
    throw new Error('.dockerignore must ignore * and name paths as exceptions');
  for (const path of exceptions.map((line) => line.slice(1))) copy(join(project, path), join(folder, path));
}

/** @returns the root and the configuration of the last stage */
export async function buildImage({ project, folder, programs, say }) {
  const context = join(folder, 'context');
  makeContext(project, context);
  const stages = readContainerfile(join(project, 'Dockerfile'));
  for (const stage of stages) {
    stage.root = join(folder, stage.name);
    if (stage.parent) copy(stage.parent.root, stage.root);
    else makeRoot(stage.root);
    for (const step of stage.steps) {
      say(`${stage.name}: ${step.kind} ${step.command ?? `${step.sources.join(' ')} ${step.to}`}`);
      if (step.kind === 'COPY') carryOutCopy(stages, stage, context, step);
      else await carryOutRun(stage, programs, folder, step);
    }
  }
  const { root, config } = stages.at(-1);
  return { root, config };
}

function carryOutCopy(stages, stage, context, { from, sources, to, cwd }) {
  const origin = from ? stages.find(({ name }) => name === from).root : context;
  const target = join(stage.root, posix.resolve(cwd, to));
  for (const source of sources) {
    const path = join(origin, source);
    if (!existsSync(path))
      throw new Error(`COPY ${source}: there is no such file in ${from ?? 'the context'}`);
    const intoFolder = to.endsWith('/') && !lstatSync(path).isDirectory();
    mkdirSync(dirname(target), { recursive: true });
    copy(path, intoFolder ? join(target, basename(source)) : target);
  }
}

async function carryOutRun(stage, programs, folder, { command, cwd, env, user }) {
  const cache = join(folder, 'npm-cache');
  mkdirSync(cache, { recursive: true });
  mkdirSync(join(stage.root, cwd), { recursive: true });
  await runContainer({
    root: stage.root,
    programs,
    argv: ['sh', '-c', command],
    env: { ...npmEnvironment(), ...env },
    cwd,
    user,
    readOnly: false,
    binds: { [process.env.npm_config_cache ?? cache]: '/tmp/npm' },
  });
}
