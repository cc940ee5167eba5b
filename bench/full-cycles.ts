import { setTimeout as delay } from 'node:timers/promises';
import type { PhoneReport } from './processes/phones.ts';
import { Child } from './support/child.ts';
import { pairsOf, type Pair, usersOf, writeDirectory } from './support/directory-file.ts';
import { type Figure, median, type Part, progress, quantile, rounded } from './support/report.ts';
import { RestCalls } from './support/rest-calls.ts';
import { startService } from './support/service.ts';
import { Workspace } from './support/workspace.ts';

const PAIRS = 100;
const AT_ONCE = 64;
const STEADY_PER_SECOND = 200;

interface Round {
  perSecond: number;
  /** CPU microseconds per cycle. */
  cpu: number;
}

export const fullCycles: Part = {
  title: 'Full cycles REST dial, two SIP phones answer, Active, REST release; against the SIP engine alone',
  run: async (quick) => {
    const workspace = new Workspace();
    try {
      return await measure(workspace, quick);
    } finally {
      await workspace.end();
    }
  },
};

async function measure(workspace: Workspace, quick: boolean): Promise<Figure[]> {
  const pairs = pairsOf(PAIRS);
  const file = workspace.path('directory.yaml');
  writeDirectory(file, pairs);
  const service = workspace.keep(
    await startService(workspace.path('data'), { DIRECTORY_FILE: file, MEDIA: 'direct' }),
  );
  const calls = workspace.keep(new RestCalls(service));
  const engine = workspace.keep(new Child('processes/engine-only.ts', { args: [file, String(PAIRS)] }));
  const onReport = (reports: unknown) => calls.note(reports as PhoneReport[]);
  const phones = workspace.keep(new Child('processes/phones.ts', { onReport }));
  const [, host, port] = await engine.printed(/SIP on ([^:]+):(\d+)/);
  const devices = usersOf(pairs).map(({ device }) => device);
  await phones.ask('register', { registrar: service.sip, devices });
  await phones.ask('register', { registrar: { host, port: Number(port) }, devices });
  await checkActive(calls, pairs);

  const milliseconds = quick ? 1_000 : 5_000;
  const overRest = () => measured(service.child, milliseconds, () => restCycles(calls, pairs, milliseconds));
  const alone = () =>
    measured(engine, milliseconds, () => engine.ask('run', { atOnce: AT_ONCE, milliseconds }));
  await alone();
  await overRest();
  const rounds: { rest: Round; sip: Round }[] = [];
  const count = quick ? 2 : 7;
  for (let round = 1; round <= count; round++) {
    const sip = await alone();
    const rest = await overRest();
    rounds.push({ rest, sip });
    progress(
      `round ${round} of ${count}: service ${rounded(rest.perSecond)}/s at ${rounded(rest.cpu)} µs, ` +
        `engine alone ${rounded(sip.perSecond)}/s at ${rounded(sip.cpu)} µs`,
    );
  }
  const steady = await steadily(calls, pairs, quick ? 5 : 30);
  return [
    {
      name: 'cycles per second, of the engine alone',
      value: median(rounds.map(({ rest, sip }) => rest.perSecond / sip.perSecond)),
      target: { at: 'least', value: 0.5 },
    },
    {
      name: 'cycles per CPU second, of the engine alone',
      value: median(rounds.map(({ rest, sip }) => sip.cpu / rest.cpu)),
      target: { at: 'least', value: 0.5 },
    },
    { name: 'cycles per second', value: median(rounds.map(({ rest }) => rest.perSecond)) },
    { name: 'CPU of the service per cycle', value: median(rounds.map(({ rest }) => rest.cpu)), unit: 'µs' },
    { name: 'engine alone, cycles per second', value: median(rounds.map(({ sip }) => sip.perSecond)) },
    { name: 'engine alone, CPU per cycle', value: median(rounds.map(({ sip }) => sip.cpu)), unit: 'µs' },
    ...steady,
  ];
}

async function measured(server: Child, milliseconds: number, work: () => Promise<number>): Promise<Round> {
  const before = await server.usage();
  const cycles = await work();
  const after = await server.usage();
  return { perSecond: (cycles * 1_000) / milliseconds, cpu: (after.cpu - before.cpu) / cycles };
}

async function restCycles(calls: RestCalls, pairs: Pair[], milliseconds: number): Promise<number> {
  const until = performance.now() + milliseconds;
  let next = 0;
  let complete = 0;
  const worker = async () => {
    while (performance.now() < until) {
      await calls.release(await calls.place(pairs[next++ % pairs.length] as Pair));
      complete++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return complete;
}

/** The phones' ACKs stand for "Active" in the rounds: here the API says so. */
async function checkActive(calls: RestCalls, pairs: Pair[]): Promise<void> {
  const placed = await calls.place(pairs[0] as Pair);
  const state = await calls.stateOf(placed);
  if (state !== 'Active') throw new Error(`Both phones are through, but the call is ${state}`);
  await calls.release(placed);
}

/** Begins a cycle every 5 ms, whatever becomes of the ones before. */
async function steadily(calls: RestCalls, pairs: Pair[], seconds: number): Promise<Figure[]> {
  const total = STEADY_PER_SECOND * seconds;
  const upAfter: number[] = [];
  const losses: unknown[] = [];
  const cycle = async (pair: Pair) => {
    const began = performance.now();
    const placed = await calls.place(pair);
    upAfter.push(performance.now() - began);
    await calls.release(placed);
  };
  const began = performance.now();
  const cycles: Promise<unknown>[] = [];
  while (cycles.length < total) {
    const due = Math.floor(((performance.now() - began) / 1_000) * STEADY_PER_SECOND);
    while (cycles.length < Math.min(due, total)) {
      const pair = pairs[cycles.length % pairs.length] as Pair;
      cycles.push(cycle(pair).catch((error: unknown) => losses.push(error)));
    }
    await delay(2);
  }
  await Promise.all(cycles);
  progress(`${total} calls at ${STEADY_PER_SECOND} per second: ${losses.length} lost`);
  if (losses.length > 0) progress(`the first: ${String(losses[0])}`);
  return [
    {
      name: `calls lost of ${total} at ${STEADY_PER_SECOND} per second`,
      value: losses.length,
      target: { at: 'most', value: 0 },
    },
    {
      name: 'from the request until both phones are through, half of the calls',
      value: quantile(upAfter, 0.5),
      unit: 'ms',
    },
    {
      name: 'from the request until both phones are through, 99 of 100 calls',
      value: quantile(upAfter, 0.99),
      unit: 'ms',
    },
  ];
}
