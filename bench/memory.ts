import { setTimeout as delay } from 'node:timers/promises';
import type { PhoneReport } from './processes/phones.ts';
import { Child } from './support/child.ts';
import { type Pair, pairsOf, usersOf, writeDirectory } from './support/directory-file.ts';
import type { Memory } from './support/probe.ts';
import { type Figure, type Part, progress, rounded } from './support/report.ts';
import { type PlacedCall, RestCalls } from './support/rest-calls.ts';
import { startService } from './support/service.ts';
import { Workspace } from './support/workspace.ts';

const PAIRS = 1_000;
const AT_ONCE = 32;
/** SIP transactions of UDP remember their messages for 64*T1. */
const TRANSACTIONS_END_MS = 34_000;

export const memory: Part = {
  title: 'Memory of the service per live call, and what ended calls leave behind',
  run: async (quick) => {
    const workspace = new Workspace();
    try {
      return await measure(workspace, quick ? 1_000 : 10_000);
    } finally {
      await workspace.end();
    }
  },
};

async function measure(workspace: Workspace, count: number): Promise<Figure[]> {
  const pairs = pairsOf(PAIRS);
  const file = workspace.path('directory.yaml');
  writeDirectory(file, pairs);
  const service = workspace.keep(
    await startService(workspace.path('data'), { DIRECTORY_FILE: file, MEDIA: 'direct' }),
  );
  const calls = workspace.keep(new RestCalls(service));
  const onReport = (reports: unknown) => calls.note(reports as PhoneReport[]);
  const phones = workspace.keep(new Child('processes/phones.ts', { onReport }));
  await phones.ask('register', {
    registrar: service.sip,
    devices: usersOf(pairs).map(({ device }) => device),
  });
  const look = async (when: string) => {
    const seen = await service.child.memory();
    progress(
      `${when}: heap ${mib(seen.heap)}, outside of it ${mib(seen.external)}, resident ${mib(seen.rss)} MiB`,
    );
    return seen;
  };

  const started = await look('after the start, phones registered');
  // The first wave warms up code, caches and arenas.
  await inParallel(await inParallel(callsOf(pairs, count / 5), (pair) => calls.place(pair)), (placed) =>
    calls.release(placed),
  );
  await delay(TRANSACTIONS_END_MS);
  const before = await look('without calls');
  const placed = await inParallel(callsOf(pairs, count), (pair) => calls.place(pair));
  const fresh = await look(`${count} calls, just up`);
  await delay(TRANSACTIONS_END_MS);
  const live = await look(`${count} calls, up for a while`);
  await inParallel(placed, (call: PlacedCall) => calls.release(call));
  await delay(TRANSACTIONS_END_MS);
  const after = await look('after they have ended');
  const again = await inParallel(callsOf(pairs, count), (pair) => calls.place(pair));
  await inParallel(again, (call: PlacedCall) => calls.release(call));
  await delay(TRANSACTIONS_END_MS);
  const afterAgain = await look('after as many more');

  const perCall = (from: Memory, to: Memory, of: (memory: Memory) => number) =>
    (of(to) - of(from)) / count / 1024;
  const most = { at: 'most', value: 30 } as const;
  return [
    {
      name: 'per live call, heap and outside of it',
      value: perCall(before, live, used),
      unit: 'KiB',
      target: most,
    },
    { name: 'per live call, resident', value: perCall(before, live, resident), unit: 'KiB', target: most },
    {
      name: 'per call just set up, heap and outside of it',
      value: perCall(before, fresh, used),
      unit: 'KiB',
      target: most,
    },
    {
      name: 'per call just set up, resident',
      value: perCall(before, fresh, resident),
      unit: 'KiB',
      target: most,
    },
    {
      name: 'resident with these calls over resident after the start, per call',
      value: perCall(started, fresh, resident),
      unit: 'KiB',
    },
    {
      name: 'left by each ended call, heap and outside of it',
      value: perCall(after, afterAgain, used),
      unit: 'KiB',
      target: { at: 'most', value: 0.1 },
    },
    {
      name: 'resident after the second wave of calls, of after the first',
      value: afterAgain.rss / after.rss,
      target: { at: 'most', value: 1.1 },
    },
  ];
}

const used = ({ heap, external }: Memory) => heap + external;
const resident = ({ rss }: Memory) => rss;
const mib = (bytes: number) => rounded(bytes / 2 ** 20);

function callsOf(pairs: Pair[], count: number): Pair[] {
  return Array.from({ length: count }, (_, index) => pairs[index % pairs.length] as Pair);
}

async function inParallel<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) results.push(await work(items[next++] as T));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
