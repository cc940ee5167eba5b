import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CallEvent } from '../../src/calls/application/call-repository.js';
import type { CallFact } from '../../src/calls/domain/call-fact.js';
import type { Call, CallState } from '../../src/calls/domain/call.js';
import { applyFact, beginCall, began } from '../../src/calls/domain/call-lifecycle.js';

import { groupBy } from './group-by.js';

interface EventRow {
  call_id: string;
  version: number;
  state: CallState;
  fact: string;
}

/** The log of all calls, read from the file of the embedded store. */
export class StoredEvents {
  private readonly database: DatabaseSync;

  constructor(dataDir: string) {
    this.database = new DatabaseSync(join(dataDir, 'calls.sqlite'), { readOnly: true });
  }

  close(): void {
    this.database.close();
  }

  /** Sequence of the last event. */
  get last(): number {
    const row = this.database.prepare('SELECT MAX(sequence) AS last FROM call_events').get();
    return Number(row?.last ?? 0);
  }

  /** Ids of all calls. */
  get calls(): string[] {
    const rows = this.database.prepare('SELECT DISTINCT call_id FROM call_events').all();
    return rows.map((row) => String(row.call_id));
  }

  /** What is wrong with the calls that have begun since: each goes the way of the table, to one end. */
  wrongSince(sequence: number): string[] {
    const rows = this.database
      .prepare('SELECT call_id, version, state, fact FROM call_events WHERE sequence > ? ORDER BY sequence')
      .all(sequence) as unknown as EventRow[];
    const byCall = groupBy(rows, ({ call_id: callId }) => callId);
    return [...byCall].flatMap(([callId, events]) =>
      wrongWith(events.map((event) => ({ ...event, fact: JSON.parse(event.fact) as CallFact }))).map(
        (what) => `${callId} ${what}`,
      ),
    );
  }
}

/** What is wrong with the events of a call that has ended: it goes the way of the table, to one end. */
export function wrongWith(events: Pick<CallEvent, 'fact' | 'state' | 'version'>[]): string[] {
  const wrong: string[] = [];
  let call: Call | undefined;
  for (const { fact, state, version } of events) {
    call = began(fact) ? beginCall(fact, 1) : call && applyFact(call, fact);
    if (call?.state !== state || call.version !== version) return [`cannot be ${state} by ${fact.kind}`];
  }
  const ends = events.filter(({ state }) => state === 'Released').length;
  if (ends !== 1) wrong.push(`has ended ${ends} times`);
  return wrong;
}
