import type { CallChange } from '../../calls/application/call-repository.js';

/**
 * Writes many changes with one statement, and so with one round trip and one commit. `change` numbers the change
 * that a row belongs to; a change with any row whose version is not the expected one is left out whole, and its
 * number and that row's id come back. Rows are locked by the order of their ids, so that replicas which write the
 * same ones wait for each other instead of locking each other out.
 */
export const BATCH_STATEMENT = `
WITH new_calls AS (
  SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                       $8::text[], $9::int[], $10::text[], $11::text[])
    AS row(change, call_id, session_id, tenant_id, group_id, user_id, start_time, state, version, document, fact)
), new_sessions AS (
  SELECT * FROM unnest($12::int[], $13::text[], $14::int[], $15::text[]) AS row(change, session_id, version, state)
), old_calls AS (
  SELECT call_id, version FROM calls WHERE call_id = ANY($2) ORDER BY call_id FOR UPDATE
), old_sessions AS (
  SELECT session_id, version FROM engine_sessions WHERE session_id = ANY($13) ORDER BY session_id FOR UPDATE
), refused AS (
  SELECT change, call_id AS id FROM new_calls AS n LEFT JOIN old_calls AS o USING (call_id)
    WHERE coalesce(o.version, 0) <> n.version - 1
  UNION ALL
  SELECT change, session_id FROM new_sessions AS n LEFT JOIN old_sessions AS o USING (session_id)
    WHERE coalesce(o.version, 0) <> n.version - 1 OR (n.state IS NULL AND o.version IS NULL)
), good_calls AS (
  SELECT * FROM new_calls WHERE change NOT IN (SELECT change FROM refused)
), good_sessions AS (
  SELECT * FROM new_sessions WHERE change NOT IN (SELECT change FROM refused)
), inserted AS (
  INSERT INTO calls (call_id, session_id, tenant_id, group_id, user_id, start_time, state, version, document)
  SELECT call_id, session_id, tenant_id, group_id, user_id, start_time, state, version, document
    FROM good_calls WHERE version = 1
), updated AS (
  UPDATE calls SET session_id = n.session_id, state = n.state, version = n.version, document = n.document
    FROM good_calls AS n WHERE calls.call_id = n.call_id AND n.version > 1
), logged AS (
  INSERT INTO call_events (call_id, version, state, fact)
  SELECT call_id, version, state, fact FROM good_calls ORDER BY change
), opened AS (
  INSERT INTO engine_sessions (session_id, version, state)
  SELECT session_id, version, state FROM good_sessions WHERE version = 1 AND state IS NOT NULL
), changed AS (
  UPDATE engine_sessions SET version = n.version, state = n.state
    FROM good_sessions AS n
    WHERE engine_sessions.session_id = n.session_id AND n.version > 1 AND n.state IS NOT NULL
), closed AS (
  DELETE FROM engine_sessions USING good_sessions AS n
    WHERE engine_sessions.session_id = n.session_id AND n.state IS NULL
)
SELECT change, id FROM refused`;

type Column = (string | number | null)[];

/** The 15 arrays of `BATCH_STATEMENT`. */
export function batchParameters(changes: CallChange[]): Column[] {
  const columns: Column[] = Array.from({ length: 15 }, () => []);
  const add = (from: number, values: Column) => {
    for (const [offset, value] of values.entries()) columns[from + offset]?.push(value);
  };
  for (const [change, { calls, sessions = [] }] of changes.entries()) {
    for (const { call, fact } of calls) {
      const { tenantId, groupId, userId } = call.owner;
      add(0, [
        change,
        call.callId,
        call.externalTrackingId,
        tenantId,
        groupId,
        userId,
        call.startTime,
        call.state,
        call.version,
        JSON.stringify(call),
        JSON.stringify(fact),
      ]);
    }
    for (const { sessionId, version, state } of sessions) add(11, [change, sessionId, version, state]);
  }
  return columns;
}

/** What a change writes to: two changes of the same must not be in one batch, nor in two at the same time. */
export function keysOf({ calls, sessions = [] }: CallChange): string[] {
  return [...calls.map(({ call }) => call.callId), ...sessions.map(({ sessionId }) => sessionId)];
}
