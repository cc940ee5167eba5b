import { execFile } from 'node:child_process';
import { existsSync, globSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Call } from '#service/calls/domain/call.js';
import type { CallFact } from '#service/calls/domain/call-fact.js';
import type { Postgres } from '../../test/support/postgres.ts';

const CLIENTS = 16;
const CALL_ID = ':call::text';

/** Debian keeps pgbench out of the PATH. @throws Error that says how to get it */
export function findPgbench(): string {
  const places = (process.env.PATH ?? '').split(':').map((folder) => `${folder}/pgbench`);
  const found = [...globSync('/usr/lib/postgresql/*/bin/pgbench').toSorted().reverse(), ...places].find(
    (path) => existsSync(path),
  );
  if (found) return found;
  throw new Error(
    'pgbench is not installed, nothing to compare PostgreSQL with. Install it: sudo apt-get install -y postgresql',
  );
}

/**
 * The changes of one call as pgbench runs them, one commit for each change with its event.
 * @param changes of an example call, whose id is replaced
 * @param fused the change and its event in one statement and one round trip, instead of BEGIN, two statements, COMMIT
 */
export function writeScript(file: string, changes: { call: Call; fact: CallFact }[], fused: boolean): void {
  const lines = ['\\set call random(1, 9000000000000000)'];
  for (const { call, fact } of changes) {
    const { callId, externalTrackingId, owner, startTime, state, version } = call;
    const withId = (value: object) =>
      quoted(JSON.stringify(value)).replaceAll(quoted(callId).slice(2, -1), `' || ${CALL_ID} || E'`);
    const written =
      version === 1
        ? `INSERT INTO calls (call_id, session_id, tenant_id, group_id, user_id, state, start_time, version, document)
             VALUES (${CALL_ID}, ${quoted(externalTrackingId)}, ${quoted(owner.tenantId)}, ${quoted(owner.groupId)}, ${quoted(owner.userId)},
                     ${quoted(state)}, ${startTime}, 1, ${withId(call)})`
        : `UPDATE calls SET session_id = ${quoted(externalTrackingId)}, state = ${quoted(state)}, document = ${withId(call)}, version = ${version}
             WHERE call_id = ${CALL_ID} AND version = ${version - 1}`;
    const columns = 'INSERT INTO call_events (call_id, version, state, fact)';
    const event = `${version}, ${quoted(state)}, ${withId(fact)}`;
    const statements = fused
      ? [`WITH written AS (${written} RETURNING call_id) ${columns} SELECT call_id, ${event} FROM written`]
      : ['BEGIN', written, `${columns} VALUES (${CALL_ID}, ${event})`, 'COMMIT'];
    lines.push(...statements.map((statement) => `${statement.replaceAll(/\s*\n\s*/g, ' ')};`));
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
}

/** @returns cycles per second */
export async function runPgbench(
  pgbench: string,
  { port, user, password }: Postgres,
  { database, script, seconds }: { database: string; script: string; seconds: number },
): Promise<number> {
  const options = [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(CLIENTS),
    '-j',
    '2',
    '-T',
    String(seconds),
    '-f',
    script,
  ];
  const { stdout } = await promisify(execFile)(
    pgbench,
    ['-h', '127.0.0.1', '-p', String(port), '-U', user, ...options, database],
    { env: { ...process.env, PGPASSWORD: password } },
  );
  const perSecond = /tps = ([\d.]+)/.exec(stdout)?.[1];
  if (perSecond === undefined || !/failed transactions: 0 |number of transactions actually/.test(stdout)) {
    throw new Error(`pgbench said: ${stdout}`);
  }
  return Number(perSecond);
}

/** pgbench takes a colon with a letter after it for a variable, in a string as well. */
function quoted(text: string): string {
  return `E'${text.replaceAll("'", "''").replaceAll(':', '\\x3a')}'`;
}
