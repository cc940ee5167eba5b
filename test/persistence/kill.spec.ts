import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { CallRepository } from '../../src/calls/application/call-repository.js';
import { PostgresCallRepository } from '../../src/persistence/postgres/postgres-call-repository.js';
import { PostgresStore } from '../../src/persistence/postgres/postgres-store.js';
import { SqliteCallRepository } from '../../src/persistence/sqlite/sqlite-call-repository.js';
import { SqliteStore } from '../../src/persistence/sqlite/sqlite-store.js';
import { startPostgres } from '../support/postgres.js';

/** So much has been acknowledged before the kill: some hundred saves. */
const WARM_BYTES = 10_000;

const SUPPORT = join(import.meta.dirname, '../support');
const ARGUMENTS = [
  '--experimental-transform-types',
  '--no-warnings',
  '--import',
  join(SUPPORT, 'from-source.mjs'),
  join(SUPPORT, 'saver-process.ts'),
];

/** A saver that does not come to its end must not outlive the test. */
const LIMITED = {
  env: { ...process.env, NODE_OPTIONS: '' },
  timeout: 20_000,
  killSignal: 'SIGKILL',
} as const;

/** Lets a process save for a while and kills it. Resolves with the highest version acknowledged of each call. */
async function killedWhileSaving(file: string, ...store: string[]): Promise<Map<string, number>> {
  const child = spawn(process.execPath, [...ARGUMENTS, file, ...store], {
    ...LIMITED,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const gone = once(child, 'exit');
  while ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < WARM_BYTES) {
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) throw new Error(`the saver has ended with ${ended}`);
    await delay(5);
  }
  await delay(Math.random() * 30);
  child.kill('SIGKILL');
  await gone;
  return acknowledgedIn(file);
}

/** Lets a process save until its files may grow no more. */
async function savedUntilDiskIsFull(file: string, ...store: string[]): Promise<Map<string, number>> {
  const limited = ['-c', 'ulimit -f 4000; exec "$0" "$@"', process.execPath, ...ARGUMENTS, file, ...store];
  const child = spawn('sh', limited, { ...LIMITED, stdio: 'pipe' });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  await once(child, 'close');
  expect(complaint).toMatch(/StoreUnavailable.*: (disk I\/O error|database or disk is full)/);
  return acknowledgedIn(file);
}

/** The highest version of each call that the process wrote down as acknowledged. */
function acknowledgedIn(file: string): Map<string, number> {
  const acknowledged = new Map<string, number>();
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const [callId = '', version] = line.split(' ');
    acknowledged.set(callId, Math.max(Number(version), acknowledged.get(callId) ?? 0));
  }
  return acknowledged;
}

/** Rows of the whole database that do not belong together; the saver gives a session the version of its call. */
const HALF_THERE = `
  SELECT 'event without its call' AS mistake, e.call_id AS id FROM call_events AS e
    LEFT JOIN calls AS c ON c.call_id = e.call_id WHERE c.call_id IS NULL OR e.version > c.version
  UNION ALL
  SELECT 'call without its events', c.call_id FROM calls AS c
    WHERE c.version <> (SELECT count(*) FROM call_events AS e WHERE e.call_id = c.call_id)
  UNION ALL
  SELECT 'session without its call', s.session_id FROM engine_sessions AS s
    LEFT JOIN calls AS c ON c.session_id = s.session_id AND c.version = s.version AND c.state <> 'Released'
    WHERE c.call_id IS NULL
  UNION ALL
  SELECT 'call without its session', c.call_id FROM calls AS c
    LEFT JOIN engine_sessions AS s ON s.session_id = c.session_id
    WHERE c.state <> 'Released' AND s.session_id IS NULL`;

async function expectAcknowledged(repository: CallRepository, acknowledged: Map<string, number>) {
  const older: string[] = [];
  for (const [callId, version] of acknowledged) {
    const call = await repository.find(callId);
    if ((call?.version ?? 0) < version) older.push(callId);
  }
  expect(older).toEqual([]);
}

async function expectWholeSqlite(folder: string, acknowledged: Map<string, number>): Promise<void> {
  const store = await SqliteStore.open(folder);
  await expectAcknowledged(new SqliteCallRepository(store), acknowledged);
  await store.close();
  const database = new DatabaseSync(join(folder, 'calls.sqlite'));
  expect(database.prepare(HALF_THERE).all()).toEqual([]);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  database.close();
}

async function expectWholePostgres(url: string, acknowledged: Map<string, number>): Promise<void> {
  const store = await PostgresStore.open(url);
  await expectAcknowledged(new PostgresCallRepository(store), acknowledged);
  await store.close();
  const client = new Client({ connectionString: url });
  await client.connect();
  expect((await client.query(HALF_THERE)).rows).toEqual([]);
  await client.end();
}

describe('a process that dies during 64 saves at once leaves what was acknowledged, and nothing half', () => {
  const folders: string[] = [];
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), 'killed-'));
    folders.push(made);
    return made;
  };
  afterAll(() => {
    for (const each of folders) rmSync(each, { recursive: true, force: true });
  });

  it('of the embedded store, killed 50 times', async () => {
    let acknowledged = 0;
    for (let round = 0; round < 50; round += 5) {
      await Promise.all(Array.from({ length: 5 }, oneRound));
    }
    expect(acknowledged).toBeGreaterThan(1000);

    async function oneRound(): Promise<void> {
      const data = folder();
      const saved = await killedWhileSaving(join(data, 'acknowledged'), 'sqlite', data);
      acknowledged += saved.size;
      await expectWholeSqlite(data, saved);
    }
  }, 60_000);

  it('of the embedded store, when its disk is full', async () => {
    const data = folder();
    const saved = await savedUntilDiskIsFull(join(data, 'acknowledged'), 'sqlite', data);
    expect(saved.size).toBeGreaterThan(100);
    await expectWholeSqlite(data, saved);
  }, 30_000);

  it('of PostgreSQL, when its client is killed', async () => {
    const server = await startPostgres(join(folder(), 'data'));
    const url = await server.database('killed');
    let acknowledged = 0;
    for (let round = 0; round < 5; round++) {
      const saved = await killedWhileSaving(join(folder(), 'acknowledged'), 'postgres', url);
      acknowledged += saved.size;
      await delay(50);
      await expectWholePostgres(url, saved);
    }
    expect(acknowledged).toBeGreaterThan(100);
    await server.stop();
  }, 60_000);
});
