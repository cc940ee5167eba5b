import { readdirSync, readlinkSync } from 'node:fs';
import { subscribe } from 'node:diagnostics_channel';
import { queryObjects, writeHeapSnapshot } from 'node:v8';
import { BroadcastChannel, isMainThread, threadId, type Worker, workerData } from 'node:worker_threads';
import type { RelayCounts } from '#service/media/relay/relay-calls.js';
import { answer } from './asked.ts';

/** Loaded into the service and, with it, into each of its threads: tells what each of them holds. */
export interface ThreadLook {
  thread: 'main' | 'relay' | 'store';
  /** Bytes after a forced collection. */
  heap: number;
  external: number;
  /** What keeps the event loop alive, by kind. */
  handles: Record<string, number>;
}

export interface Look {
  threads: ThreadLook[];
  /** Bytes, of all threads. */
  rss: number;
  /** Open files and sockets of the process. */
  descriptors: number;
  relay: RelayCounts;
}

/** Objects of these classes that can still be reached, by name. */
export type Objects = Record<string, number>;

interface Question {
  ask: 'look' | 'objects' | 'snapshot';
  argument?: string;
}

const CLASSES = {
  main: [
    ['engines/sip/live-session.js', 'LiveSession'],
    ['engines/sip/ringing.js', 'Ringing'],
    ['sip/client-transaction.js', 'ClientTransactionMachine'],
    ['sip/server-transaction.js', 'ServerTransactionMachine'],
  ],
  relay: [
    ['media/relay/relay-bridge.js', 'RelayBridge'],
    ['media/relay/bridge-recording.js', 'BridgeRecording'],
    ['media/recording/recording-writer.js', 'RecordingWriter'],
  ],
  store: [],
} satisfies Record<ThreadLook['thread'], [string, string][]>;

const ANSWER_MS = 60_000;
const questions = new BroadcastChannel('thread-probe-questions');
const answers = new BroadcastChannel('thread-probe-answers');
questions.unref();
answers.unref();

const thread: ThreadLook['thread'] = isMainThread ? 'main' : workerData?.recordingsDir ? 'relay' : 'store';

async function tell({ ask, argument }: Question): Promise<unknown> {
  if (ask === 'look') return look();
  if (ask === 'objects') return objects();
  return writeHeapSnapshot(`${argument}-${thread}.heapsnapshot`);
}

function look(): ThreadLook {
  // Gives free pages back to the system too, or the resident memory would tell of the past.
  (globalThis.gc as unknown as (options: object) => void)({
    type: 'major',
    execution: 'sync',
    flavor: 'last-resort',
  });
  const { heapUsed, external } = process.memoryUsage();
  const handles: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  return { thread, heap: heapUsed, external, handles };
}

async function objects(): Promise<Objects> {
  const counted: Objects = {};
  for (const [file, name] of CLASSES[thread]) {
    const module = (await import(`../../dist/${file}`)) as Record<string, new () => object>;
    counted[name] = queryObjects(module[name]!, { format: 'count' });
  }
  return counted;
}

if (isMainThread) {
  const workers = new Map<number, Worker>();
  const waiting = new Map<number, (value: unknown) => void>();
  let nextId = 1;
  subscribe('worker_threads', (message) => {
    const { worker } = message as { worker: Worker };
    const id = worker.threadId;
    workers.set(id, worker);
    worker.once('exit', () => workers.delete(id));
  });
  answers.addEventListener('message', (event) => {
    const { id, value } = (event as MessageEvent).data as { id: number; value: unknown };
    waiting.get(id)?.(value);
  });

  const everyone = async <T>(question: Question): Promise<T[]> => {
    const others = [...workers.keys()].map(async (of) => {
      const id = nextId++;
      const value = new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`thread ${of} does not answer`)), ANSWER_MS);
        waiting.set(id, (told) => {
          clearTimeout(timer);
          resolve(told);
        });
      });
      questions.postMessage({ ...question, id, of });
      return value.finally(() => waiting.delete(id));
    });
    // The own answer last, since it holds the thread up.
    const theirs = await Promise.all(others);
    return [await tell(question), ...theirs] as T[];
  };

  const names = new Map<number, ThreadLook['thread']>();

  answer({
    look: async (): Promise<Look> => {
      // Handles first: asking makes some.
      const threads = await everyone<ThreadLook>({ ask: 'look' });
      for (const [index, id] of [...workers.keys()].entries()) names.set(id, threads[index + 1]!.thread);
      const relay = [...workers].find(([id]) => names.get(id) === 'relay')![1];
      return {
        threads,
        rss: process.memoryUsage.rss(),
        descriptors: descriptors(),
        relay: await relayCounts(relay),
      };
    },
    objects: async (): Promise<Objects> =>
      Object.assign({}, ...(await everyone<Objects>({ ask: 'objects' }))),
    /** @returns the files */
    snapshot: (argument: string) => everyone<string>({ ask: 'snapshot', argument }),
  });
} else {
  questions.addEventListener('message', async (event) => {
    const { id, of, ...question } = (event as MessageEvent).data as Question & { id: number; of: number };
    if (of === threadId) answers.postMessage({ id, value: await tell(question) });
  });
}

/** As the service asks it. No question of the service has this id, so its own end of the channel ignores the answer. */
function relayCounts(worker: Worker): Promise<RelayCounts> {
  return new Promise((resolve) => {
    const listen = ({ id, value }: { id: number; value: RelayCounts }) => {
      if (id !== -1) return;
      worker.off('message', listen);
      resolve(value);
    };
    worker.on('message', listen);
    worker.postMessage({ id: -1, call: 'counts', args: [] });
  });
}

/** Without that of the reading itself. */
function descriptors(): number {
  const folder = '/proc/self/fd';
  const paths = readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(`${folder}/${name}`)];
    } catch {
      return [];
    }
  });
  return paths.filter((path) => !path.startsWith('/proc/')).length;
}
