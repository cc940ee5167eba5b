import { setTimeout as delay } from 'node:timers/promises';
import type { DialLoad, DialLoadResult } from './processes/dial-load.ts';
import { Child } from './support/child.ts';
import { keepOnCore } from './support/one-core.ts';
import {
  type Figure,
  median,
  medianRatio,
  type Part,
  progress,
  quantile,
  rounded,
} from './support/report.ts';
import { callsPath, startService } from './support/service.ts';
import {
  RINGS,
  type SwitchUser,
  switchUsers,
  writeServiceFiles,
  writeWorld,
} from './support/switch-world.ts';
import { Workspace } from './support/workspace.ts';

const USERS = 200;
const AT_ONCE = 32;
const PREPARED_MS = 20_000;

/** Who is asked to dial, and the switch behind. */
interface Contender {
  name: string;
  child: Child;
  standIn: StandIn;
  request: Pick<DialLoad, 'port' | 'headers'>;
  dial(user: SwitchUser): DialLoad['dials'][number];
  /** Milliseconds of each dial, one at a time, of all rounds. */
  alone: number[];
  /** Half of the dials of a round are faster. */
  halves: number[];
  perSecond: number[];
  /** CPU microseconds per dial. */
  cpu: number[];
  /** The same of the stand-in that takes the dials, and tells of them where somebody listens. */
  switchCpu: number[];
}

interface StandIn {
  child: Child;
  port: number;
}

export const dialThroughSwitch: Part = {
  title: 'REST dial with ENGINE=broadworks before the stand-in, against a dial at the stand-in itself',
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
  const users = switchUsers(USERS);
  const world = workspace.path('world.json');
  writeWorld(world, users);
  const load = workspace.keep(new Child('processes/dial-load.ts'));
  // One of its own for each contender: nobody listens to the one that is dialled at directly.
  const [behind, alone] = [await startStandIn(workspace, world), await startStandIn(workspace, world)];
  const files = { directory: workspace.path('directory.yaml'), clusters: workspace.path('clusters.yaml') };
  writeServiceFiles(files, users, `http://127.0.0.1:${behind.port}`);
  const service = workspace.keep(
    await startService(workspace.path('data'), {
      ENGINE: 'broadworks',
      DIRECTORY_FILE: files.directory,
      BROADWORKS_FILE: files.clusters,
    }),
  );
  const basic = Buffer.from('admin:admin-secret').toString('base64');
  const rest: Contender = {
    ...NOTHING_YET(),
    name: 'service',
    child: service.child,
    standIn: behind,
    request: {
      port: service.port,
      headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
    },
    dial: ({ id }) => ({ path: callsPath(id), body: JSON.stringify({ phoneNumber: RINGS }) }),
  };
  const direct: Contender = {
    ...NOTHING_YET(),
    name: 'stand-in',
    child: alone.child,
    standIn: alone,
    request: { port: alone.port, headers: { authorization: `Basic ${basic}` } },
    dial: ({ switchUserId }) => ({
      path: `/com.broadsoft.xsi-actions/v2.0/user/${switchUserId}/calls/new?address=${encodeURIComponent(RINGS)}`,
      body: '',
    }),
  };
  const contenders = [direct, rest];
  // Those who are measured share a core, since only one is at work at a time; all else has the other.
  const onOneCore = [service.child, alone.child].every((child) => keepOnCore(0, child));
  if (onOneCore) for (const child of [load, behind.child]) keepOnCore(1, child);
  progress(onOneCore ? 'each on one core' : 'cores cannot be chosen here: by CPU seconds alone');

  const [calm, many] = quick ? [50, 200] : [400, 1_000];
  for (const contender of contenders) await round(load, contender, users, calm, many);
  for (const contender of contenders) Object.assign(contender, NOTHING_YET());
  const rounds = quick ? 2 : 7;
  for (let count = 1; count <= rounds; count++) {
    for (const contender of contenders) await round(load, contender, users, calm, many);
    const shown = contenders.map(
      ({ name, halves, perSecond }) =>
        `${name} ${rounded(halves.at(-1) ?? 0)} ms, ${rounded(perSecond.at(-1) ?? 0)}/s`,
    );
    progress(`round ${count} of ${rounds}: ${shown.join('; ')}`);
  }
  return figures(rest, direct, onOneCore);
}

const NOTHING_YET = () => ({ alone: [], halves: [], perSecond: [], cpu: [], switchCpu: [] });

async function startStandIn(workspace: Workspace, world: string): Promise<StandIn> {
  const child = workspace.keep(
    new Child('../broadworks-stand-in/main.ts', { args: ['--port', '0', '--world', world] }),
  );
  const [, port] = await child.printed(/stand-in on http:\/\/[^:]+:(\d+)/);
  return { child, port: Number(port) };
}

/** Some dials one at a time, then many at once. Devices ring and are not answered: nothing but dials is measured. */
async function round(
  load: Child,
  contender: Contender,
  users: SwitchUser[],
  calm: number,
  many: number,
): Promise<void> {
  const dials = (count: number) =>
    Array.from({ length: count }, (_, index) => contender.dial(users[index % users.length] as SwitchUser));
  const ask = (count: number, atOnce: number) =>
    load.ask<DialLoadResult>('load', { ...contender.request, dials: dials(count), atOnce });

  await prepare(contender, users);
  const { milliseconds } = await ask(calm, 1);
  contender.alone.push(...milliseconds);
  contender.halves.push(quantile(milliseconds, 0.5));

  await prepare(contender, users);
  const before = await contender.child.usage();
  const switchBefore = await contender.standIn.child.usage();
  const { seconds } = await ask(many, AT_ONCE);
  contender.perSecond.push(many / seconds);
  // What it hears of its calls a moment later is part of the dial.
  await delay(300);
  contender.cpu.push(((await contender.child.usage()).cpu - before.cpu) / many);
  contender.switchCpu.push(((await contender.standIn.child.usage()).cpu - switchBefore.cpu) / many);
  await prepare(contender, users);
}

/** No call is there, as far as is known, and every device rings when it is called. */
async function prepare({ name, standIn, request }: Contender, users: SwitchUser[]): Promise<void> {
  const control = `http://127.0.0.1:${standIn.port}/stand-in`;
  await fetch(`${control}/calls`, { method: 'DELETE' });
  for (const { addressOfRecord } of users) {
    await fetch(`${control}/devices/${addressOfRecord}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ does: 'rings' }),
    });
  }
  if (name === 'stand-in') return;
  const deadline = performance.now() + PREPARED_MS;
  for (const { id } of users) {
    for (;;) {
      const listed = await fetch(`http://127.0.0.1:${request.port}${callsPath(id)}`, {
        headers: request.headers,
      });
      if (((await listed.json()) as { calls: unknown[] }).calls.length === 0) break;
      if (performance.now() > deadline) throw new Error(`${id} has calls that its switch has not`);
      await delay(50);
    }
  }
}

function figures(rest: Contender, direct: Contender, onOneCore: boolean): Figure[] {
  const added = median(rest.halves.map((half, index) => half - (direct.halves[index] ?? 0)));
  const ratio = onOneCore ? medianRatio(rest.perSecond, direct.perSecond) : medianRatio(direct.cpu, rest.cpu);
  return [
    {
      name: 'added to a dial by the service, half of the dials',
      value: added,
      unit: 'ms',
      target: { at: 'most', value: 2 },
    },
    {
      name: `dials per ${onOneCore ? 'second on one core' : 'CPU second'}, of the stand-in's`,
      value: ratio,
      target: { at: 'least', value: 0.5 },
    },
    { name: "dials per CPU second, of the stand-in's", value: medianRatio(direct.cpu, rest.cpu) },
    ...[rest, direct].flatMap(({ name, alone, perSecond, cpu }) => [
      { name: `${name}, half of the dials take`, value: quantile(alone, 0.5), unit: 'ms' },
      { name: `${name}, 99 of 100 dials take`, value: quantile(alone, 0.99), unit: 'ms' },
      { name: `${name}, dials per second`, value: median(perSecond) },
      { name: `${name}, CPU per dial`, value: median(cpu), unit: 'µs' },
    ]),
    {
      name: 'stand-in behind the service, which also tells of the call, CPU per dial',
      value: median(rest.switchCpu),
      unit: 'µs',
    },
  ];
}
