import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Manifest, readManifests, render } from './render.ts';
import type { NamedManifest } from './validate.ts';

/** Renders a folder in another way, to compare with. */
export type Renderer = (path: string) => Manifest[];

/**
 * Every manifest of the folder deploy: each overlay as it is rendered, alone and with all components, and the files of
 * other folders.
 * @throws Error when something cannot be rendered
 */
export function collect(
  deploy: string,
  other?: Renderer,
): { manifests: NamedManifest[]; mistakes: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  const mistakes: string[] = [];
  const manifests: NamedManifest[] = [];
  const used = new Set<string>();
  try {
    cpSync(deploy, folder, { recursive: true });
    for (const path of overlaysOf(join(folder, 'kubernetes'))) {
      const name = relative(folder, path);
      const rendered = render(path, used);
      if (other && !isDeepStrictEqual(sorted(other(path)), sorted(rendered)))
        mistakes.push(`${name}: kubectl kustomize renders something else`);
      for (const manifest of rendered) manifests.push({ name: `${name}: ${titleOf(manifest)}`, manifest });
    }
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, file);
      if (!/\.ya?ml$/.test(file) || used.has(path)) continue;
      if (file.startsWith('kubernetes/')) mistakes.push(`${file}: no overlay and no component uses it`);
      for (const manifest of readManifests(path).filter((each) => each?.apiVersion && each.kind))
        manifests.push({ name: file, manifest });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { manifests, mistakes };
}

function overlaysOf(kubernetes: string): string[] {
  const names = readdirSync(join(kubernetes, 'overlays'));
  const components = readdirSync(join(kubernetes, 'components'));
  return names.flatMap((name) => {
    const alone = join(kubernetes, 'overlays', name);
    const together = `${alone}-with-components`;
    mkdirSync(together);
    writeFileSync(
      join(together, 'kustomization.yaml'),
      [
        'apiVersion: kustomize.config.k8s.io/v1beta1',
        'kind: Kustomization',
        `resources: [../${name}]`,
        `components: [${components.map((each) => `../../components/${each}`).join(', ')}]`,
      ].join('\n'),
    );
    return [alone, together];
  });
}

const titleOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
const sorted = (manifests: Manifest[]) => manifests.toSorted((a, b) => titleOf(a).localeCompare(titleOf(b)));
