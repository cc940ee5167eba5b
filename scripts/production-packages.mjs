/** The packages that the image holds, by the lockfile: what `npm ci --omit=dev --omit=optional` installs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const isOurs = (path) => path === '';

export function readManifest() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

export function readLockfile() {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
}

/** @returns {[path: string, entry: { version: string, license?: string }][]} entries of the lockfile */
export function productionPackages(lockfile) {
  return Object.entries(lockfile.packages).filter(
    ([path, { dev, devOptional, optional }]) => !isOurs(path) && !dev && !devOptional && !optional,
  );
}

export function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
