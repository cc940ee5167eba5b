import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import type { Child } from './child.ts';

/** Keeps all threads of the process on one core, from 0. @returns false where that cannot be done here */
export function keepOnCore(core: number, { process: { pid } }: Child): boolean {
  if (cpus().length < 2) return false;
  const { status } = spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' });
  return status === 0;
}
