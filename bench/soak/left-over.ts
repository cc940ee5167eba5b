import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { BenchUser } from '../support/directory-file.ts';
import type { Figure } from '../support/report.ts';
import type { RestClient } from '../support/rest-client.ts';
import { callsPath } from '../support/service.ts';
import type { Look, Objects, ThreadLook } from '../support/thread-probe.ts';

const NONE = { at: 'most', value: 0 } as const;

/** Calls in the lists that users get. */
export async function listedCalls(rest: RestClient, users: BenchUser[]): Promise<Figure> {
  let value = 0;
  for (const { userId } of users) {
    const { status, text } = await rest.send('GET', callsPath(userId));
    if (status !== 200) throw new Error(`The list of ${userId} was answered ${status}: ${text}`);
    value += (JSON.parse(text) as { calls: unknown[] }).calls.length;
  }
  return { name: 'calls in the lists of all users', value, target: NONE };
}

/** What the embedded store says of calls that have all ended. */
export function storedCalls(dataDir: string): Figure[] {
  const store = new DatabaseSync(join(dataDir, 'calls.sqlite'), { readOnly: true });
  const count = (sql: string) => Number(store.prepare(`SELECT count(*) AS n FROM ${sql}`).get()?.n);
  try {
    return [
      { name: 'calls in the store', value: count('calls') },
      {
        name: 'of these not Released',
        value: count(`calls WHERE state <> 'Released'`),
        target: NONE,
      },
      {
        name: 'of these with no end or more than one',
        value: count(
          `calls WHERE (SELECT count(*) FROM call_events AS event
            WHERE event.call_id = calls.call_id AND event.state = 'Released') <> 1`,
        ),
        target: NONE,
      },
      { name: 'sessions of the engine in the store', value: count('engine_sessions'), target: NONE },
    ];
  } finally {
    store.close();
  }
}

/** Whether each recording is closed, hashed and listed. */
export function recordings(dataDir: string): Figure[] {
  const folder = join(dataDir, 'recordings');
  const names = readdirSync(folder);
  const states = names
    .filter((name) => name.endsWith('.json'))
    .map((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { state: string }).state);
  const complete = states.filter((state) => state === 'complete').length;
  return [
    { name: 'recordings', value: states.length },
    { name: 'recordings that are not complete', value: states.length - complete, target: NONE },
    {
      name: 'files in their folder that belong to none',
      value: names.length - 2 * states.length,
      target: NONE,
    },
  ];
}

/** What the process holds that it did not hold before the first call. Bound ports of the relay are a pool. */
export function heldByProcess(before: Look, after: Look, objects: Objects): Figure[] {
  const more = after.threads.flatMap(({ thread, handles }) => {
    const first = handlesOf(before, thread);
    return Object.entries(handles).flatMap(([kind, count]) => {
      const added = thread === 'relay' && kind === 'UDPWrap' ? 0 : count - (first[kind] ?? 0);
      return added > 0 ? [`${added} ${kind} (${thread})`] : [];
    });
  });
  return [
    {
      name: `handles that were not there before${more.length > 0 ? `: ${more.join(', ')}` : ''}`,
      value: more.length,
      target: NONE,
    },
    {
      name: 'descriptors more than before, without ports of the relay',
      value: filesOf(after) - filesOf(before),
      target: NONE,
    },
    { name: 'port pairs of the relay in use', value: after.relay.portPairs, target: NONE },
    { name: 'bridges of the relay', value: after.relay.bridges, target: NONE },
    { name: 'ports of the relay, kept bound for the next calls', value: portsOf(after) },
    ...Object.entries(objects).map(([name, value]) => ({
      name: `objects in memory: ${name}`,
      value,
      target: NONE,
    })),
  ];
}

function portsOf(look: Look): number {
  return handlesOf(look, 'relay').UDPWrap ?? 0;
}

function filesOf(look: Look): number {
  return look.descriptors - portsOf(look);
}

function handlesOf({ threads }: Pick<Look, 'threads'>, thread: ThreadLook['thread']): Record<string, number> {
  return threads.find((each) => each.thread === thread)?.handles ?? {};
}
