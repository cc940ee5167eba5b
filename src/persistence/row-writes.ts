import type { CallChange } from '../calls/application/call-repository.js';
import type { StoredBinding } from '../engines/sip/registration-store.js';
import type { WriteName } from './statements.js';

/** One statement of a change. */
export interface RowWrite {
  write: WriteName;
  parameters: (string | number)[];
  /** The row that must be written; when none is, somebody else was faster. Undefined: any number of rows will do. */
  id?: string;
}

/** A change as the statements that write it, row by row. */
export function rowWritesOf({ calls, session }: CallChange): RowWrite[] {
  const writes: RowWrite[] = [];
  for (const { call, fact } of calls) {
    const { callId, externalTrackingId, owner, state, version } = call;
    const document = JSON.stringify(call);
    writes.push(
      version === 1
        ? {
            write: 'insertCall',
            id: callId,
            parameters: [
              callId,
              externalTrackingId,
              owner.tenantId,
              owner.groupId,
              owner.userId,
              call.startTime,
              state,
              document,
              version,
            ],
          }
        : { write: 'updateCall', id: callId, parameters: [state, document, version, callId, version - 1] },
      { write: 'insertEvent', id: callId, parameters: [callId, version, state, JSON.stringify(fact)] },
    );
  }
  if (session) {
    const { sessionId, version, state } = session;
    if (state === null) {
      writes.push({ write: 'deleteSession', id: sessionId, parameters: [sessionId, version - 1] });
    } else if (version === 1) {
      writes.push({ write: 'insertSession', id: sessionId, parameters: [sessionId, version, state] });
    } else {
      writes.push({
        write: 'updateSession',
        id: sessionId,
        parameters: [version, state, sessionId, version - 1],
      });
    }
  }
  return writes;
}

export function saveRegistration(binding: StoredBinding): RowWrite {
  const { addressOfRecord, contact, expiresAt } = binding;
  return {
    write: 'saveRegistration',
    parameters: [addressOfRecord, contact, expiresAt, JSON.stringify(binding)],
  };
}

export function deleteRegistration(addressOfRecord: string, contact: string): RowWrite {
  return { write: 'deleteRegistration', parameters: [addressOfRecord, contact] };
}
