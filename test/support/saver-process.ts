/**
 * Saves without end, 64 at once, and writes into a file what was acknowledged: `<call id> <version>` a line.
 * Runs by itself (see from-source.mjs). Arguments: the file, then `sqlite <folder>` or `postgres <url>`.
 */
import { openSync, writeSync } from 'node:fs';
import type { CallRepository } from '../../src/calls/application/call-repository.js';
import { after, aNewCall } from './some-calls.js';

const [file = '', kind, where = ''] = process.argv.slice(2);
const acknowledged = openSync(file, 'a');
const repository = await (kind === 'postgres' ? openPostgres() : openSqlite());

async function openPostgres(): Promise<CallRepository> {
  const { PostgresCallRepository } =
    await import('../../src/persistence/postgres/postgres-call-repository.js');
  const { PostgresStore } = await import('../../src/persistence/postgres/postgres-store.js');
  return new PostgresCallRepository(await PostgresStore.open(where));
}

async function openSqlite(): Promise<CallRepository> {
  const { SqliteCallRepository } = await import('../../src/persistence/sqlite/sqlite-call-repository.js');
  const { SqliteStore } = await import('../../src/persistence/sqlite/sqlite-store.js');
  return new SqliteCallRepository(await SqliteStore.open(where));
}

async function oneCall(): Promise<void> {
  let step = aNewCall();
  const sessionId = step.call.externalTrackingId;
  for (const kindOfFact of ['answered', 'held', 'reconnected', 'released'] as const) {
    await save(step, sessionId);
    step = after(step.call, kindOfFact);
  }
  await save(step, sessionId);
}

async function save(step: ReturnType<typeof aNewCall>, sessionId: string): Promise<void> {
  const { callId, version, state } = step.call;
  const session = { sessionId, version, state: state === 'Released' ? null : String(version) };
  await repository.save({ calls: [step], sessions: [session] });
  writeSync(acknowledged, `${callId} ${version}\n`);
}

async function forever(): Promise<void> {
  for (;;) await oneCall();
}

await Promise.all(Array.from({ length: 64 }, forever));
