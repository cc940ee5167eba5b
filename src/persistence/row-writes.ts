import { type CallChange, VersionConflict } from '../calls/application/call-repository.js';
import type { ChannelLease } from '../engines/broadworks/events/channel-leases.js';
import type { StoredBinding } from '../engines/sip/phones/registration-store.js';
import type { ImrnLease } from '../imrn/domain/imrn-lease.js';
import type { WriteName } from './statements.js';

/** One statement of a change. */
export interface RowWrite {
  write: WriteName;
  parameters: (string | number)[];
  /** The row that must be written; when none is, somebody else was faster. Undefined: any number of rows will do. */
  id?: string;
}

/** Whether the row was written: false when somebody else was faster. */
export async function written(write: Promise<void>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof VersionConflict) return false;
    throw error;
  }
}

/** A change as the statements that write it, row by row. */
export function rowWritesOf({ calls, sessions = [] }: CallChange): RowWrite[] {
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
        : {
            write: 'updateCall',
            id: callId,
            parameters: [externalTrackingId, state, document, version, callId, version - 1],
          },
      { write: 'insertEvent', id: callId, parameters: [callId, version, state, JSON.stringify(fact)] },
    );
  }
  for (const { sessionId, version, state } of sessions) {
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

export function takeLease(lease: ImrnLease): RowWrite {
  const { number, owner, calling, called, leasedAt, expiresAt } = lease;
  const { tenantId, groupId, userId } = owner;
  return {
    write: 'takeLease',
    id: number,
    parameters: [number, tenantId, groupId, userId, calling, called, leasedAt, expiresAt],
  };
}

export function useLease({ number, leasedAt, expiresAt }: ImrnLease): RowWrite {
  return { write: 'useLease', id: number, parameters: [number, leasedAt, expiresAt] };
}

export function forgetLease({ number, leasedAt, expiresAt }: ImrnLease): RowWrite {
  return { write: 'forgetLease', parameters: [number, leasedAt, expiresAt] };
}

export function takeChannel({ cluster, holder, expiresAt, inStep }: ChannelLease, now: number): RowWrite {
  return { write: 'takeChannel', id: cluster, parameters: [cluster, holder, expiresAt, inStep ? 1 : 0, now] };
}

export function giveChannelBack(cluster: string, holder: string): RowWrite {
  return { write: 'giveChannelBack', parameters: [cluster, holder] };
}
