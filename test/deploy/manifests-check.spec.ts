import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect } from '../../scripts/manifests/collect.ts';
import { type NamedManifest, validateManifests } from '../../scripts/manifests/validate.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const STATEFUL_SET = 'kubernetes/base/stateful-set.yaml';

/** What is broken · file · text · what takes its place · part of what the check says. */
const BROKEN: [string, string, string, string, string][] = [
  ['a field that does not exist', STATEFUL_SET, 'replicas: 1', 'repliacs: 1', "'repliacs' does not exist"],
  [
    'an unknown field deep inside',
    STATEFUL_SET,
    'timeoutSeconds: 5',
    'timeout: 5',
    "'timeout' does not exist",
  ],
  ['a wrong type', STATEFUL_SET, 'replicas: 1', "replicas: 'one'", 'must be integer'],
  ['a value that is none of the allowed', STATEFUL_SET, 'protocol: UDP', 'protocol: udp', 'UDP'],
  ['a quantity that is none', STATEFUL_SET, 'storage: 5Gi', 'storage: much', 'storage'],
  ['a field that is missing', STATEFUL_SET, '- name: call-service\n          image', '- image', 'name'],
  ['a key that is there twice', STATEFUL_SET, 'replicas: 1', 'replicas: 1\n  replicas: 1', 'unique'],
  [
    'a kind that does not exist',
    'kubernetes/base/service-account.yaml',
    'kind: Service',
    'kind: Servce',
    'unknown kind',
  ],
  ['a version that does not exist', 'kubernetes/base/services.yaml', 'v1', 'v9', 'unknown kind'],
  [
    'an unknown field of the Prometheus Operator',
    'kubernetes/components/monitoring/service-monitor.yaml',
    'interval',
    'intervall',
    "'intervall' does not exist",
  ],
  [
    'an unknown field that a patch brings',
    'kubernetes/overlays/postgres/database-url.yaml',
    'secretKeyRef',
    'secretRef',
    "'secretRef' does not exist",
  ],
  [
    'a patch for what is not there',
    'kubernetes/components/host-network/node-address.yaml',
    'value: SIP_BIND',
    'value: OTHER',
    'Test failed',
  ],
  [
    'a file that nobody uses',
    'kubernetes/base/kustomization.yaml',
    '  - pod-disruption-budget.yaml\n',
    '',
    'no overlay and no component uses it',
  ],
  [
    'a kustomization that it cannot render',
    'kubernetes/base/kustomization.yaml',
    'resources:',
    'namePrefix: a-\nresources:',
    'namePrefix is not known here',
  ],
  [
    'a mistake in another folder of deploy',
    'rtpengine/settings.yaml',
    '',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { nam: x }\n',
    "'nam' does not exist",
  ],
];

/** What `npm run check:manifests` finds before it looks at schemas. */
function collectWith(file: string, from: string, to: string): ReturnType<typeof collect> {
  const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  try {
    cpSync(DEPLOY, folder, { recursive: true });
    const path = join(folder, file);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
    return collect(folder);
  } catch (error) {
    return { manifests: [], mistakes: [(error as Error).message] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the check of the manifests', () => {
  let found: string[];

  // At once, since the types of Kubernetes take seconds to load.
  beforeAll(async () => {
    const manifests: NamedManifest[] = [];
    found = [];
    for (const [title, file, from, to] of BROKEN) {
      const collected = collectWith(file, from, to);
      found.push(...collected.mistakes.map((mistake) => `${title}: ${mistake}`));
      manifests.push(
        ...collected.manifests.map(({ name, manifest }) => ({ name: `${title}: ${name}`, manifest })),
      );
    }
    found.push(...(await validateManifests(manifests)));
  }, 60_000);

  it('finds nothing wrong with what is here', async () => {
    const { manifests, mistakes } = collect(DEPLOY);
    expect([...mistakes, ...(await validateManifests(manifests))]).toEqual([]);
    expect(manifests.length).toBeGreaterThan(20);
  }, 60_000);

  it.each(BROKEN)('fails for %s', (title, _file, _from, _to, message) => {
    expect(found.filter((mistake) => mistake.startsWith(`${title}: `)).join('\n')).toContain(message);
  });
});
