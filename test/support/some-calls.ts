import { randomUUID } from 'node:crypto';
import { newCallId } from '../../src/calls/application/call-ids.js';
import type { CallChange } from '../../src/calls/application/call-repository.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { CallBegan, CallFact } from '../../src/calls/domain/call-fact.js';
import { applyFact, beginCall, type CallCommand } from '../../src/calls/domain/call-lifecycle.js';

let clock = 1_800_000_000_000;

/** The first version of a new call, with the fact that made it. */
export function aNewCall(
  userId = 'foouser',
  externalTrackingId: string = randomUUID(),
): CallChange['calls'][number] {
  const fact: CallBegan = {
    kind: 'dialed',
    callId: newCallId(),
    at: clock++,
    owner: { tenantId: 'foo', groupId: 'foogroup', userId },
    externalTrackingId,
    remoteParty: { address: '+3212345678', callType: 'Unknown' },
    endpoint: { addressOfRecord: `LP_${userId}@sip.example.test` },
    recordingMode: 'On Demand',
  };
  return { call: beginCall(fact, 1), fact };
}

export type LaterKind = Exclude<CallFact['kind'], CallBegan['kind']>;

/** A fact of a call that is there. */
export function aFact(kind: LaterKind, callId: string, at = clock++): CallFact {
  const common = { callId, at };
  switch (kind) {
    case 'released':
      return { ...common, kind, cause: 'normal', by: 'local' };
    case 'transferred':
      return { ...common, kind, remoteParty: { address: '5601', callType: 'Group' } };
    default:
      return { ...common, kind };
  }
}

/** What an engine would report of a command that it carried out. */
export const OUTCOMES: Record<CallCommand, LaterKind> = {
  hold: 'held',
  reconnect: 'reconnected',
  blindTransfer: 'released',
  consultativeTransfer: 'released',
  startRecording: 'recordingStarted',
  pauseRecording: 'recordingPaused',
  resumeRecording: 'recordingResumed',
  stopRecording: 'recordingStopped',
  retrieve: 'released',
  release: 'released',
};

/** The next version of the call, which another session may have taken in. */
export function after(call: Call, kind: LaterKind, session?: string): CallChange['calls'][number] {
  const fact = aFact(kind, call.callId);
  if (fact.kind === 'transferred' && session !== undefined) fact.externalTrackingId = session;
  const next = applyFact(call, fact);
  if (!next) throw new Error(`${kind} does not apply to ${call.state}`);
  return { call: next, fact };
}
