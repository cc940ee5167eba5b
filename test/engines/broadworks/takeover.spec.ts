import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { CallFact } from '../../../src/calls/domain/call-fact.js';
import type { CallState } from '../../../src/calls/domain/call.js';
import { CALLERS, CallChaos } from '../../support/broadworks/call-chaos.js';
import { ClustersFile } from '../../support/broadworks/clusters-file.js';
import { differences, type WatchedUser } from '../../support/broadworks/in-step.js';
import { StandIn } from '../../support/broadworks/stand-in.js';
import { groupBy } from '../../support/group-by.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { buildService, ServiceProcess } from '../../support/service-process.js';
import { wrongWith } from '../../support/stored-events.js';
import { eventually } from '../../support/wait.js';

/** Two processes on one PostgreSQL, of which one listens to the switch: it is killed in the midst of calls. */

const SEED = 47;
const LOAD_MS = 3_000;
const TAKEN_OVER_MS = 10_000;
const IN_STEP_MS = 5_000;

const folder = mkdtempSync(join(tmpdir(), 'takeover-'));
let postgres: Postgres;
let database: Client;
let standIn: StandIn;
let clusters: ClustersFile;
let holder: ServiceProcess;
let other: ServiceProcess;

beforeAll(async () => {
  buildService();
  postgres = await startPostgres(join(folder, 'postgres'));
  const url = await postgres.database('takeover');
  database = new Client({ connectionString: url });
  await database.connect();
  standIn = await StandIn.start();
  clusters = new ClustersFile({ demo: standIn.url });
  const env = { ...clusters.env, DATABASE_URL: url, RATE_LIMIT: 'off' };
  [holder, other] = [new ServiceProcess(env), new ServiceProcess(env)];
  await holder.start();
  await eventually(
    async () => (await lease())?.inStep,
    () => 'the first process does not listen',
  );
  await other.start();
}, 90_000);

afterAll(async () => {
  await Promise.all([holder.stop(), other.stop()]);
  await standIn.stop();
  clusters.remove();
  await database.end();
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

/** Who listens to the switch now. */
async function lease(): Promise<{ holder: string; inStep: true | undefined } | undefined> {
  const { rows } = await database.query<{ holder: string; in_step: number }>(
    'SELECT holder, in_step FROM channel_leases',
  );
  const [row] = rows;
  return row && { holder: row.holder, inStep: row.in_step === 1 || undefined };
}

interface EventRow {
  call_id: string;
  version: number;
  state: CallState;
  fact: string;
}

async function wrongCalls(): Promise<string[]> {
  const { rows } = await database.query<EventRow>(
    'SELECT call_id, version, state, fact FROM call_events ORDER BY sequence',
  );
  return [...groupBy(rows, ({ call_id: callId }) => callId)].flatMap(([callId, events]) =>
    wrongWith(events.map((event) => ({ ...event, fact: JSON.parse(event.fact) as CallFact }))).map(
      (what) => `${callId} ${what}`,
    ),
  );
}

it('is taken over within seconds by the other one, with no call lost and no event twice', async () => {
  const first = await lease();
  const clients = [holder, other].map((service) => CALLERS.map((name) => service.as(name)));
  const chaos = clients.map((of, index) => new CallChaos(of, standIn, SEED + 100 * index, true));
  const running = chaos.map((each) => each.run(Infinity));
  await delay(LOAD_MS);
  await holder.kill();
  const killed = performance.now();
  chaos[0]?.cease();
  await eventually(
    async () => {
      const now = await lease();
      return (now?.holder !== first?.holder && now?.inStep) || undefined;
    },
    () => 'nobody has taken over',
    50,
    TAKEN_OVER_MS,
  );
  const takenOverAfter = performance.now() - killed;
  await delay(LOAD_MS);
  chaos[1]?.cease();
  await Promise.all(running);

  const users: WatchedUser[] = CALLERS.map((name) => ({
    switchUserId: `${name}@foo.example`,
    client: other.as(name),
  }));
  let last: string[] = [];
  await eventually(
    async () => {
      last = await differences(users, standIn);
      return last.length === 0 || undefined;
    },
    () => last.join('\n'),
    50,
    IN_STEP_MS,
  );
  await standIn.clear();
  await Promise.all(users.map(({ client }) => client.none()));
  expect(await wrongCalls()).toEqual([]);
  const stored = new Set(
    (await database.query<{ call_id: string }>('SELECT call_id FROM calls')).rows.map((row) => row.call_id),
  );
  expect(chaos.flatMap(({ told }) => [...told]).filter((callId) => !stored.has(callId))).toEqual([]);
  expect(stored.size).toBeGreaterThan(50);
  expect(takenOverAfter).toBeLessThan(TAKEN_OVER_MS);
}, 60_000);
