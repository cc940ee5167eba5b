import type { CallEvent, StoredSession } from '../calls/application/call-repository.js';
import type { Call } from '../calls/domain/call.js';
import type { CallFact } from '../calls/domain/call-fact.js';
import type { ChannelLease } from '../engines/broadworks/events/channel-leases.js';
import type { StoredBinding } from '../engines/sip/phones/registration-store.js';
import type { ImrnLease } from '../imrn/domain/imrn-lease.js';

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

export function leaseOf(row: Row): ImrnLease {
  return {
    number: row.number as string,
    owner: {
      tenantId: row.tenant_id as string,
      groupId: row.group_id as string,
      userId: row.user_id as string,
    },
    calling: row.calling as string,
    called: row.called as string,
    leasedAt: Number(row.leased_at),
    expiresAt: Number(row.expires_at),
  };
}

export function channelLeaseOf(row: Row): ChannelLease {
  return {
    cluster: row.cluster as string,
    holder: row.holder as string,
    expiresAt: Number(row.expires_at),
    inStep: Number(row.in_step) === 1,
  };
}
