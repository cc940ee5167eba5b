import { mkdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import type { CallChange, CallRepository } from '#service/calls/application/call-repository.js';
import { newCallId, newTrackingId } from '#service/calls/application/call-ids.js';
import type { CallFact } from '#service/calls/domain/call-fact.js';
import { applyFact, beginCall } from '#service/calls/domain/call-lifecycle.js';
import { PostgresCallRepository } from '#service/persistence/postgres/postgres-call-repository.js';
import { PostgresStore } from '#service/persistence/postgres/postgres-store.js';
import { SqliteCallRepository } from '#service/persistence/sqlite/sqlite-call-repository.js';
import { SqliteStore } from '#service/persistence/sqlite/sqlite-store.js';
import { answer } from '../support/asked.ts';

/**
 * Cycles of a stored call: inserted, four times changed, each change with its event and on disk before the next.
 * Arguments: `postgres <url>`, `sqlite <folder>` for the service's repositories, `commit-each <folder>` for SQLite
 * with a commit for every write.
 */
type Save = (change: CallChange) => Promise<void> | void;

function cycleOf(): CallChange[] {
  const callId = newCallId();
  const owner = { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' };
  const endpoint = { addressOfRecord: 'LP_foouser@sip.example.test' };
  const began = {
    kind: 'dialed' as const,
    callId,
    at: Date.now(),
    owner,
    externalTrackingId: newTrackingId(),
    remoteParty: { address: '+3212345601', callType: 'Group' as const },
    endpoint,
    recordingMode: 'Never' as const,
  };
  const later: CallFact[] = [
    { kind: 'deviceAnswered', callId, at: began.at, endpoint },
    { kind: 'remoteRinging', callId, at: began.at },
    { kind: 'answered', callId, at: began.at },
    { kind: 'released', callId, at: began.at, cause: 'normal', by: 'local' },
  ];
  let call = beginCall(began, 1);
  const changes: CallChange[] = [{ calls: [{ call, fact: began }] }];
  for (const fact of later) {
    const next = applyFact(call, fact);
    if (!next) throw new Error(`${fact.kind} does not apply to ${call.state}`);
    call = next;
    changes.push({ calls: [{ call, fact }] });
  }
  return changes;
}

function commitEach(folder: string): Save {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'each.sqlite'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE calls (call_id text PRIMARY KEY, session_id text NOT NULL, tenant_id text NOT NULL,
      group_id text NOT NULL, user_id text NOT NULL, state text NOT NULL, start_time bigint NOT NULL,
      version integer NOT NULL, document text NOT NULL);
    CREATE INDEX ongoing_calls ON calls (user_id, group_id, tenant_id) WHERE state <> 'Released';
    CREATE TABLE call_events (sequence integer PRIMARY KEY AUTOINCREMENT, call_id text NOT NULL,
      version integer NOT NULL, state text NOT NULL, fact text NOT NULL, UNIQUE (call_id, version))`);
  const insert = database.prepare('INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const update = database.prepare(
    'UPDATE calls SET session_id = ?, state = ?, document = ?, version = ? WHERE call_id = ? AND version = ?',
  );
  const log = database.prepare('INSERT INTO call_events (call_id, version, state, fact) VALUES (?, ?, ?, ?)');
  return ({ calls: [change] }) => {
    if (!change) return;
    const { call, fact } = change;
    const { callId, owner, state, version } = call;
    const document = JSON.stringify(call);
    database.exec('BEGIN IMMEDIATE');
    if (version === 1) {
      const { tenantId, groupId, userId } = owner;
      const { externalTrackingId, startTime } = call;
      insert.run(callId, externalTrackingId, tenantId, groupId, userId, state, startTime, version, document);
    } else {
      update.run(call.externalTrackingId, state, document, version, callId, version - 1);
    }
    log.run(callId, version, state, JSON.stringify(fact));
    database.exec('COMMIT');
  };
}

async function open(kind: string, where: string): Promise<Save> {
  if (kind === 'commit-each') return commitEach(where);
  const repository: CallRepository =
    kind === 'postgres'
      ? new PostgresCallRepository(await PostgresStore.open(where))
      : new SqliteCallRepository(await SqliteStore.open(where));
  return (change) => repository.save(change);
}

const [kind = '', where = ''] = process.argv.slice(2);
const save = await open(kind, where);

/** @returns cycles that were complete in the time */
async function run({ callers, milliseconds }: { callers: number; milliseconds: number }): Promise<number> {
  const until = performance.now() + milliseconds;
  let complete = 0;
  const caller = async () => {
    while (performance.now() < until) {
      for (const change of cycleOf()) await save(change);
      if (performance.now() < until) complete++;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return complete;
}

answer({ run, example: () => cycleOf().map(({ calls }) => calls[0]) });
console.log('ready');
