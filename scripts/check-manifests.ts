/** Checks the manifests of deploy against the schemas of Kubernetes. Where there is a kubectl it must render the same. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { collect, type Renderer } from './manifests/collect.ts';
import type { Manifest } from './manifests/render.ts';
import { validateManifests } from './manifests/validate.ts';

/** Older ones, such as that of Debian 12, know no components. */
const FIRST_KUBECTL_MINOR = 21;

/** Undefined where there is no kubectl, or an old one. */
function kubectl(): Renderer | undefined {
  const asked = spawnSync('kubectl', ['version', '--client', '--output=json'], { encoding: 'utf8' });
  if (asked.status !== 0) return undefined;
  const { clientVersion } = JSON.parse(asked.stdout) as { clientVersion: { minor: string } };
  if (Number.parseInt(clientVersion.minor, 10) < FIRST_KUBECTL_MINOR) return undefined;
  return (path) =>
    parseAllDocuments(execFileSync('kubectl', ['kustomize', path], { encoding: 'utf8' })).map(
      (document) => document.toJS() as Manifest,
    );
}

const deploy = process.argv[2] ?? join(import.meta.dirname, '../deploy');
const renderer = kubectl();
const { manifests, mistakes } = collect(deploy, renderer);
mistakes.push(...(await validateManifests(manifests)));
if (mistakes.length > 0) {
  console.error(`Manifests:\n${mistakes.join('\n')}`);
  process.exit(1);
}
const compared = renderer ? 'rendered as kubectl does' : 'no kubectl here to compare with';
console.log(`manifests: ${manifests.length} valid, ${compared}`);
