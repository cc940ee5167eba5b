import type { Call } from '../../../../src/calls/domain/call.js';
import type { CallBegan, CallFact } from '../../../../src/calls/domain/call-fact.js';
import { applyFact, beginCall, began } from '../../../../src/calls/domain/call-lifecycle.js';
import { factsToward, type Sight } from '../../../../src/engines/broadworks/facts-toward.js';
import type { SeenCall } from '../../../../src/engines/broadworks/xsi/seen-call.js';
import { aFact, type LaterKind } from '../../../support/some-calls.js';

export const SESSION = '7c9a4f3e-3f0e-4c43-9d69-6f3f4f7c9a01';
export const OTHER_SESSION = '1d9b8a52-2c7e-4f3c-bb07-0c52a9d0e802';
const CALL_ID = 'callhalf-1595867:0';
const REMOTE = { address: '+3212345678', callType: 'Unknown' } as const;
const OWNER = { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' };

/** A call of an originator as the switch tells of it, by default active. */
export function aSeenCall(given: Partial<SeenCall> = {}): SeenCall {
  return {
    callId: CALL_ID,
    externalTrackingId: SESSION,
    personality: 'Originator',
    state: 'Active',
    recorded: false,
    ...given,
  };
}

export function aSight(given: Partial<Sight> = {}): Sight {
  return {
    owner: { ref: OWNER, recordingMode: 'On Demand' },
    remoteParty: REMOTE,
    endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
    now: 9_000,
    ...given,
  };
}

/** The same call as it is stored. What cannot happen to it has not happened. */
export function aStoredCall(kind: CallBegan['kind'], ...later: LaterKind[]): Call {
  let call = beginCall(
    {
      kind,
      callId: CALL_ID,
      at: 500,
      owner: OWNER,
      externalTrackingId: SESSION,
      remoteParty: REMOTE,
      endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
      recordingMode: 'On Demand',
    },
    1,
  );
  for (const each of later) call = applyFact(call, aFact(each, CALL_ID)) ?? call;
  return call;
}

/** The call after the facts. @throws Error where one does not apply */
export function arrive(call: Call | undefined, facts: CallFact[]): Call | undefined {
  for (const fact of facts) {
    const next = call ? applyFact(call, fact) : began(fact) ? beginCall(fact, 1) : undefined;
    if (!next) throw new Error(`${fact.kind} does not apply to ${call?.state}`);
    call = next;
  }
  return call;
}

/** What has happened to the stored call that it is seen so. */
export function toward(stored: Call | undefined, seen: Partial<SeenCall>, sight = aSight()): CallFact[] {
  return factsToward(stored, aSeenCall(seen), sight);
}

export function kindsOf(facts: CallFact[]): string {
  return facts.map(({ kind }) => kind).join(' ');
}
