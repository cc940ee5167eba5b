/**
 * Prints the bill of materials of the production packages (CycloneDX, by `npm sbom`).
 * npm 11 with `--omit=dev` leaves out what a development package needs too, such as pg and zod. So it gets a manifest
 * and a lockfile without development packages, and the result is compared with the lockfile.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nameOf, productionPackages, readLockfile, readManifest } from './production-packages.mjs';

const { devDependencies: _, ...manifest } = readManifest();
const lockfile = readLockfile();
const { devDependencies: __, ...project } = lockfile.packages[''];
const packages = productionPackages(lockfile);

const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
let sbom;
try {
  const write = (name, content) => writeFileSync(join(folder, name), JSON.stringify(content));
  write('package.json', manifest);
  write('package-lock.json', { ...lockfile, packages: { '': project, ...Object.fromEntries(packages) } });
  const args = [
    'sbom',
    '--package-lock-only',
    '--omit=optional',
    '--sbom-format=cyclonedx',
    '--sbom-type=application',
  ];
  sbom = JSON.parse(
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
  );
} finally {
  rmSync(folder, { recursive: true });
}
sbom.metadata.component.name = manifest.name;

const listed = new Set(sbom.components.map(({ name, version }) => `${name}@${version}`));
const missing = packages
  .map(([path, { version }]) => `${nameOf(path)}@${version}`)
  .filter((each) => !listed.has(each));
if (missing.length > 0) throw new Error(`npm left out of the bill of materials: ${missing.join(', ')}`);
process.stdout.write(`${JSON.stringify(sbom, undefined, 2)}\n`);
