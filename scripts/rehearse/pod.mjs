/** The pod of an overlay, without Kubernetes: its settings, directory, volumes, user and probes. */
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { render } from '../manifests/render.ts';
import { Container } from './container.mjs';

const PATIENCE_MS = 30_000;
const POD_IP = '127.0.0.1';

/** @returns a line about it. @throws Error when a probe does not succeed or the pod does not end well */
export async function playPod({ project, folder, image, programs, overlay }) {
  const manifests = render(join(project, 'deploy/kubernetes/overlays', overlay));
  const find = (kind, name) => manifests.find((each) => each.kind === kind && each.metadata.name === name);
  const { spec } = find('StatefulSet', 'call-service').spec.template;
  const [container] = spec.containers;
  const pod = new Container({
    root: image.root,
    programs,
    argv: [...image.config.entrypoint, ...(container.args ?? image.config.cmd)],
    env: { ...image.config.env, ...find('ConfigMap', 'call-service').data, SIP_BIND: POD_IP },
    cwd: image.config.cwd,
    user: `${spec.securityContext.runAsUser}:${spec.securityContext.runAsGroup}`,
    readOnly: container.securityContext.readOnlyRootFilesystem,
    binds: volumesOf(container, join(folder, 'pod'), find('ConfigMap', 'call-service-directory').data),
  });
  try {
    for (const name of ['startupProbe', 'livenessProbe', 'readinessProbe'])
      await succeeds(pod, container, name);
    const grace = delay(spec.terminationGracePeriodSeconds * 1_000, 'nothing', { ref: false });
    const code = await Promise.race([pod.signal('SIGTERM'), grace]);
    if (code !== 0) throw new Error(`the pod ended with ${code}:\n${pod.log}`);
  } finally {
    if (pod.running) await pod.signal('SIGKILL');
  }
  return `the pod of the overlay ${overlay}: all probes succeed, and it ends with 0`;
}

/** A folder of the pod's group for each volume; that of the directory holds the ConfigMap's files. */
function volumesOf({ volumeMounts }, folder, files) {
  const binds = {};
  for (const { name, mountPath } of volumeMounts) {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    chownSync(path, 1000, 1000);
    if (name === 'directory')
      for (const file of Object.keys(files)) writeFileSync(join(path, file), files[file]);
    binds[path] = mountPath;
  }
  return binds;
}

async function succeeds(pod, container, name) {
  const { path, port } = container[name].httpGet;
  const { containerPort } = container.ports.find((each) => each.name === port);
  for (const giveUpAt = Date.now() + PATIENCE_MS; ; await delay(500)) {
    const answer = await fetch(`http://${POD_IP}:${containerPort}${path}`).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > giveUpAt || !pod.running) throw new Error(`${name} does not succeed:\n${pod.log}`);
  }
}
