import * as fc from 'fast-check';
import type { Call } from '../../../src/calls/domain/call.js';
import type { CallFact } from '../../../src/calls/domain/call-fact.js';
import { factsToward, type Sight } from '../../../src/engines/broadworks/facts-toward.js';
import type { SeenCall } from '../../../src/engines/broadworks/xsi/seen-call.js';
import type { LaterKind } from '../../support/some-calls.js';
import { aSeenCall, aSight, aStoredCall, arrive, OTHER_SESSION, SESSION } from './support/seen-calls.js';

const LATER: LaterKind[] = [
  'remoteRinging',
  'deviceAnswered',
  'answered',
  'held',
  'reconnected',
  'remoteHeld',
  'remoteReconnected',
  'transferred',
  'detached',
  'reattached',
  'released',
  'recordingPending',
  'recordingStarted',
  'recordingPaused',
  'recordingResumed',
  'recordingStopped',
  'recordingFailed',
];

/** Whatever the table allows: facts that do not apply are left out. */
const stored: fc.Arbitrary<Call | undefined> = fc.option(
  fc
    .tuple(
      fc.constantFrom('dialed' as const, 'originated' as const, 'received' as const),
      fc.array(fc.constantFrom(...LATER), { maxLength: 14 }),
    )
    .map(([kind, later]) => aStoredCall(kind, ...later)),
  { nil: undefined, freq: 10 },
);

const time = fc.option(fc.integer({ min: 1_000, max: 9_000 }), { nil: undefined });
const seen: fc.Arbitrary<SeenCall> = fc
  .record({
    externalTrackingId: fc.constantFrom(SESSION, OTHER_SESSION),
    personality: fc.constantFrom('Originator' as const, 'Terminator' as const, 'Click-to-Dial' as const),
    state: fc.constantFrom(
      ...(['Idle', 'Alerting', 'Active', 'Held', 'Remote Held', 'Detached', 'Released'] as const),
    ),
    addressOfRecord: fc.constantFrom(undefined, 'line1@phones.example.test'),
    appearance: fc.constantFrom(undefined, 4),
    startTime: time,
    answerTime: time,
    heldTime: time,
    recorded: fc.boolean(),
    recordingState: fc.constantFrom(undefined, ...(['Pending', 'Started', 'Paused', 'Failed'] as const)),
    releasingParty: fc.constantFrom(undefined, 'localRelease' as const, 'remoteRelease' as const),
  })
  .map((given) =>
    aSeenCall(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))),
  );

const sight: fc.Arbitrary<Sight> = fc
  .constantFrom(
    undefined,
    { address: '+3212345678', callType: 'Unknown' as const },
    { address: '+3212345678', callType: 'Group' as const },
    { address: '5601', callType: 'Group' as const },
  )
  .map((remoteParty) => aSight({ remoteParty }));

/** Facts that are told, and the call that they lead to. @throws Error where one of them does not apply */
function run(call: Call | undefined, seenCall: SeenCall, how: Sight) {
  const facts = factsToward(call, seenCall, how);
  return { facts, call: arrive(call, facts) };
}

/** Old news, by what was stored already. */
function isPast(call: Call | undefined, { state, answerTime }: SeenCall): boolean {
  if (state === 'Idle' || call?.state === 'Released') return true;
  if (state === 'Alerting') return call?.answerTime !== undefined;
  return state === 'Detached' && answerTime === undefined && call?.answerTime === undefined;
}

function expectState(call: Call, { state, personality }: SeenCall): void {
  if (state === 'Held') expect(['Held', 'Both Held']).toContain(call.state);
  else if (state === 'Alerting') expect(['Alerting', 'Answered']).toContain(call.state);
  else expect(call.state).toBe(state);
  if (personality === 'Originator' && state !== 'Released')
    expect(call.personality).not.toBe('Click-to-Dial');
}

describe('Whatever is stored of a call, and whatever is seen of it', () => {
  it('the facts apply in their order, and after them nothing more has happened', () => {
    fc.assert(
      fc.property(stored, seen, sight, (call, seenCall, how) => {
        const after = run(call, seenCall, how);
        expect(run(after.call, seenCall, how).facts).toEqual([]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('the call is then in the state in which it is seen, unless that is past', () => {
    fc.assert(
      fc.property(stored, seen, sight, (call, seenCall, how) => {
        fc.pre(!isPast(call, seenCall));
        const after = run(call, seenCall, how).call;
        if (!after) throw new Error('The call is not taken up.');
        expectState(after, seenCall);
      }),
      { numRuns: 5_000 },
    );
  });

  it('an ongoing call then has its session, its other party and its recording as seen', () => {
    fc.assert(
      fc.property(stored, seen, sight, (call, seenCall, how) => {
        const after = run(call, seenCall, how).call;
        fc.pre(after !== undefined && seenCall.state !== 'Idle' && after.state !== 'Released');
        expect(after.externalTrackingId).toBe(seenCall.externalTrackingId);
        if (how.remoteParty) expect(after.remoteParty.address).toBe(how.remoteParty.address);
        if (call?.recordingState === 'Failed') return;
        expect(after.recordingState).toBe(seenCall.recordingState);
        if (seenCall.recorded) expect(after.recorded).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('a call ends once, and one that has ended stays so', () => {
    fc.assert(
      fc.property(stored, fc.array(seen, { maxLength: 6 }), sight, (call, views, how) => {
        let now = call;
        const told: CallFact[] = [];
        for (const view of views) {
          const { facts, call: next } = run(now, view, how);
          told.push(...facts);
          now = next;
        }
        const ends = told.filter(({ kind }) => kind === 'released');
        expect(ends.length).toBe(now?.state === 'Released' && call?.state !== 'Released' ? 1 : 0);
        if (ends.length === 1) expect(told.at(-1)?.kind).toBe('released');
      }),
      { numRuns: 2_000 },
    );
  });
});
