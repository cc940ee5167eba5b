import { randomUUID } from 'node:crypto';
import { newCallId } from '../../src/calls/application/call-ids.js';
import type { CallChange } from '../../src/calls/application/call-repository.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { CallBegan, CallFact } from '../../src/calls/domain/call-fact.js';
import { applyFact, beginCall } from '../../src/calls/domain/call-lifecycle.js';

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
  };
  return { call: beginCall(fact, 1), fact };
}

/** The next version of the call. */
export function after(
  call: Call,
  kind: 'answered' | 'held' | 'reconnected' | 'released',
): CallChange['calls'][number] {
  const common = { callId: call.callId, at: clock++ };
  const fact: CallFact =
    kind === 'released' ? { ...common, kind, cause: 'normal', by: 'local' } : { ...common, kind };
  const next = applyFact(call, fact);
  if (!next) throw new Error(`${kind} does not apply to ${call.state}`);
  return { call: next, fact };
}
