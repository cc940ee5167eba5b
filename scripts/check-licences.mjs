/** Fails when a production package has a licence that is not on the list, or tells none. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import satisfies from 'spdx-satisfies';
import { nameOf, productionPackages, readLockfile } from './production-packages.mjs';

/** Permissive ones: they ask for their text and notices, and nothing of the service that uses them. */
const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
];
/** With a reason each. */
const ALSO = {
  argparse: ['Python-2.0'], // Permissive; the licence of Python's module that it is a port of.
};
/** Packages whose package.json tells none; read in their files. */
const READ_BY_US = {
  pause: 'MIT', // In its Readme.md.
};

const root = join(import.meta.dirname, '..');

/** As the package itself says, also in the forms of before 2015. */
function licenceOf(path) {
  const file = join(root, path, 'package.json');
  if (!existsSync(file)) return undefined;
  const { license, licenses } = JSON.parse(readFileSync(file, 'utf8'));
  const said = license ?? licenses;
  if (Array.isArray(said)) return said.map(({ type }) => type).join(' OR ');
  return said?.type ?? said ?? READ_BY_US[nameOf(path)];
}

function isAllowed(name, licence) {
  try {
    return satisfies(licence, [...ALLOWED, ...(ALSO[name] ?? [])]);
  } catch {
    return false; // Not an expression of SPDX.
  }
}

const packages = productionPackages(readLockfile());
const refused = packages.flatMap(([path]) => {
  const licence = licenceOf(path);
  return isAllowed(nameOf(path), licence) ? [] : [`${path}: ${licence ?? 'no licence, or not installed'}`];
});
if (refused.length > 0) {
  console.error(`Licences that are not allowed (scripts/check-licences.mjs):\n${refused.join('\n')}`);
  process.exit(1);
}
console.log(`licences: ${packages.length} production packages, all allowed`);
