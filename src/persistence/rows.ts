import type { CallEvent, StoredSession } from '../calls/application/call-repository.js';
import type { Call } from '../calls/domain/call.js';
import type { CallFact } from '../calls/domain/call-fact.js';
import type { StoredBinding } from '../engines/sip/registration-store.js';

type Row = Record<string, unknown>;

export function callOf(row: Row): Call {
  return JSON.parse(row.document as string) as Call;
}

export function sessionOf(row: Row): StoredSession {
  return { sessionId: row.session_id as string, version: Number(row.version), state: row.state as string };
}

export function eventOf(row: Row): CallEvent {
  return {
    sequence: Number(row.sequence),
    callId: row.call_id as string,
    version: Number(row.version),
    state: row.state as Call['state'],
    fact: JSON.parse(row.fact as string) as CallFact,
  };
}

export function bindingOf(row: Row): StoredBinding {
  return JSON.parse(row.document as string) as StoredBinding;
}
