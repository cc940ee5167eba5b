import { join } from 'node:path';
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec';
import type { IService } from 'kubernetes-models/v1/Service';
import { collect } from '../../scripts/manifests/collect.ts';
import { type Manifest } from '../../scripts/manifests/render.ts';
import { loadConfig } from '../../src/config/config.js';
import { ENVIRONMENT } from '../../src/config/environment.js';
import { readDirectory } from '../../src/directory/yaml/read-directory.js';
import { SandboxService } from '../support/sandbox-service.js';

/** What a process may take to end after its last call has. */
const CLOSING_SECONDS = 5;

const { manifests } = collect(join(import.meta.dirname, '../../deploy'));
const overlays = ['single', 'postgres', 'single-with-components', 'postgres-with-components'];

const { drainTimeout } = loadConfig({}) as unknown as { drainTimeout: number };

describe.each(overlays)('the overlay %s', (overlay) => {
  const rendered = manifests
    .filter(({ name }) => name.startsWith(`kubernetes/overlays/${overlay}: `))
    .map(({ manifest }) => manifest);
  const all = <T>(kind: string) => rendered.filter((each) => each.kind === kind) as unknown as T[];
  const [statefulSet] = all<IStatefulSet>('StatefulSet');
  const [settings, directory] = all<IConfigMap>('ConfigMap');
  const jobs = all<IJob>('Job');
  const pod = statefulSet!.spec!.template;
  const templates: IPodTemplateSpec[] = [pod, ...jobs.map((job) => job.spec!.template)];
  const containers = templates.flatMap(({ spec }) => spec!.containers);
  const [service] = pod.spec!.containers;
  const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;

  it('has one replica, since sessions live in one process', () => {
    expect(statefulSet!.spec!.replicas).toBe(1);
  });

  it('runs its pods without privileges, root, a token or a writable root file system', () => {
    for (const { spec } of templates) {
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      });
    }
    for (const { securityContext } of containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('asks for restricted pods, but with the host network for privileged ones', () => {
    const [namespace] = all<Manifest>('Namespace');
    const level = pod.spec!.hostNetwork ? 'privileged' : 'restricted';
    expect(namespace!.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': level });
    expect(pod.spec!.hostNetwork).toBe(overlay.endsWith('components') ? true : undefined);
  });

  it('names only variables that the service has, with values that it takes', () => {
    const names = containers.flatMap(({ env = [] }) => env.map(({ name }) => name));
    names.push(...Object.keys(settings!.data!));
    expect(Object.keys(ENVIRONMENT.shape)).toEqual(expect.arrayContaining(names));
    expect(() => loadConfig({ ...settings!.data, SIP_BIND: '10.0.0.1' })).not.toThrow();
  });

  it('tells phones the address at which they reach the pod', () => {
    const fieldPath = pod.spec!.hostNetwork ? 'status.hostIP' : 'status.podIP';
    expect(service!.env).toContainEqual({ name: 'SIP_BIND', valueFrom: { fieldRef: { fieldPath } } });
  });

  it('has a directory that the service reads, without a password', () => {
    const text = directory!.data!['directory.yaml']!;
    expect([...readDirectory(text, 'directory.yaml').users()].flatMap(({ devices }) => devices)).toEqual([]);
    expect(settings!.data!['DIRECTORY_FILE']).toBe('/etc/call-service/directory.yaml');
    expect(service!.volumeMounts).toContainEqual({
      name: 'directory',
      mountPath: '/etc/call-service',
      readOnly: true,
    });
  });

  it('has no secret in it', () => {
    expect(all('Secret')).toEqual([]);
    const literals = containers.flatMap(({ env = [] }) => env.filter(({ value }) => value !== undefined));
    expect(literals).toEqual([]);
  });

  it('waits longer for the end of a pod than the service does for calls', () => {
    const { exec } = service!.lifecycle!.preStop!;
    expect(exec!.command![0]).toBe('sleep');
    const seconds = Number(exec!.command![1]) + drainTimeout / 1000 + CLOSING_SECONDS;
    expect(pod.spec!.terminationGracePeriodSeconds).toBeGreaterThan(seconds);
  });

  it('opens the ports of the service', () => {
    const config = loadConfig({ ...settings!.data, SIP_BIND: '10.0.0.1' });
    expect(service!.ports!.map(({ containerPort, protocol }) => [containerPort, protocol])).toEqual([
      [config.port, 'TCP'],
      [config.sipPort, 'UDP'],
      [config.sipPort, 'TCP'],
    ]);
    const [policy] = all<INetworkPolicy>('NetworkPolicy');
    const opened = policy!.spec!.ingress!.flatMap(({ ports = [] }) => ports);
    expect(opened).toEqual([
      { port: 'http', protocol: 'TCP' },
      { port: config.sipPort, protocol: 'UDP' },
      { port: config.sipPort, protocol: 'TCP' },
      { port: config.rtpPorts.first, endPort: config.rtpPorts.last, protocol: 'UDP' },
    ]);
  });

  it('leads nobody to the pods of the migration', () => {
    const selectors = [
      ...all<IService>('Service').map(({ spec }) => spec!.selector!),
      ...all<IPodDisruptionBudget>('PodDisruptionBudget').map(({ spec }) => spec!.selector!.matchLabels!),
    ];
    for (const selector of selectors) {
      expect(pod.metadata!.labels).toMatchObject(selector);
      for (const job of jobs) expect(job.spec!.template.metadata!.labels).not.toMatchObject(selector);
    }
  });

  it('migrates PostgreSQL with the image and the secret that the service gets, and else nothing', () => {
    if (!overlay.startsWith('postgres')) return expect(jobs).toEqual([]);
    const [migration] = jobs[0]!.spec!.template.spec!.containers;
    expect(migration).toMatchObject({ image: service!.image, args: ['dist/persistence/migrate-cli.js'] });
    const url = { secretKeyRef: { name: 'call-service-database', key: 'url' } };
    expect(migration!.env).toEqual([{ name: 'DATABASE_URL', valueFrom: url }]);
    expect(service!.env).toContainEqual({ name: 'DATABASE_URL', valueFrom: url });
  });

  it('probes addresses that the service answers', async () => {
    const sandbox = new SandboxService();
    await sandbox.start();
    try {
      for (const probe of probes) {
        const { path, port } = service![probe]!.httpGet!;
        expect(port).toBe(service!.ports!.find(({ containerPort }) => containerPort === 3000)!.name);
        const answer = await fetch(`http://127.0.0.1:${sandbox.port}${path}`);
        expect([path, answer.status]).toEqual([path, 200]);
      }
    } finally {
      await sandbox.close();
    }
  }, 30_000);
});
