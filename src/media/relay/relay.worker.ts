import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { RelayOptions, RelayQuestion, RelayReport } from './relay-calls.js';

/** The thread that relays: answers the questions of `RelayThread`. */

if (import.meta.url.endsWith('.ts')) {
  // Run from source, where './x.js' is './x.ts'.
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier.startsWith('.') ? specifier.replace(/\.js$/, '.ts') : specifier, context),
  });
}
const { RelayNode } = await import('./relay-node.js');
const { RecordingFailed } = await import('../media.js');

const node = new RelayNode(workerData as RelayOptions, (bridgeId, recordingId, failed) =>
  report({ failed, bridgeId, recordingId }),
);

function report(what: RelayReport): void {
  parentPort!.postMessage(what);
}

async function ask({ id, call, args }: RelayQuestion): Promise<void> {
  try {
    const value = await (node[call] as (...args: unknown[]) => Promise<unknown>).apply(node, args);
    if (id) report({ id, value });
  } catch (error) {
    const kind = error instanceof RecordingFailed ? 'recording' : 'media';
    if (id) report({ id, error: (error as Error).message, kind });
  }
}

parentPort!.on('message', ask);
