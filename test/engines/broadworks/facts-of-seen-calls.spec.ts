import { applyFact } from '../../../src/calls/domain/call-lifecycle.js';
import { factsToward } from '../../../src/engines/broadworks/facts-toward.js';
import {
  arrive,
  aSeenCall,
  aSight,
  aStoredCall,
  kindsOf,
  OTHER_SESSION,
  SESSION,
  toward,
} from './support/seen-calls.js';

describe('A call that is not known yet', () => {
  it.each([
    ['Click-to-Dial', 'Alerting', 'dialed'],
    ['Originator', 'Alerting', 'originated'],
    ['Terminator', 'Alerting', 'received'],
    ['Terminator', 'Active', 'received answered'],
    ['Originator', 'Held', 'originated answered held'],
    ['Originator', 'Remote Held', 'originated answered remoteHeld'],
    ['Originator', 'Detached', 'originated answered detached'],
    ['Originator', 'Released', 'originated answered released'],
    ['Originator', 'Idle', ''],
  ] as const)('of a %s, %s: %s', (personality, state, expected) => {
    const facts = toward(undefined, { personality, state, answerTime: 1_500 });
    expect(kindsOf(facts)).toBe(expected);
  });

  it('that nobody has answered has been, when it ends', () => {
    const facts = toward(undefined, { state: 'Released', personality: 'Terminator', releaseCause: 'Busy' });
    expect(kindsOf(facts)).toBe('received released');
    expect(arrive(undefined, facts)).toMatchObject({ state: 'Released', releaseCause: 'busy' });
  });

  it('is not taken up once it was redirected before an answer', () => {
    expect(toward(undefined, { state: 'Detached', personality: 'Terminator' })).toEqual([]);
  });

  it('begins with all that is told of it, at the times of the switch', () => {
    const seen = aSeenCall({
      state: 'Held',
      appearance: 3,
      addressOfRecord: 'line1@phones.example.test',
      startTime: 1_000,
      answerTime: 2_000,
      heldTime: 3_000,
      recorded: true,
      recordingState: 'Paused',
    });
    expect(arrive(undefined, factsToward(undefined, seen, aSight()))).toEqual({
      callId: seen.callId,
      externalTrackingId: SESSION,
      owner: aSight().owner.ref,
      personality: 'Originator',
      state: 'Held',
      remoteParty: { address: '+3212345678', callType: 'Unknown' },
      endpoint: { addressOfRecord: 'line1@phones.example.test' },
      appearance: 3,
      inConference: false,
      startTime: 1_000,
      answerTime: 2_000,
      heldTime: 3_000,
      recorded: true,
      recordingMode: 'On Demand',
      recordingState: 'Paused',
      version: 5,
    });
  });

  it('has the device and the line that are given where the switch tells none, and an anonymous party', () => {
    const call = arrive(
      undefined,
      toward(undefined, { state: 'Alerting' }, aSight({ remoteParty: undefined })),
    );
    expect(call).toMatchObject({
      endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
      appearance: 1,
      remoteParty: { address: 'anonymous', callType: 'Unknown' },
      startTime: aSight().now,
    });
  });
});

describe('A click-to-dial', () => {
  it('becomes the call of an originator under the same ids when the device answers', () => {
    const stored = aStoredCall('dialed');
    const facts = toward(stored, { state: 'Alerting', addressOfRecord: 'line2@phones.example.test' });
    expect(kindsOf(facts)).toBe('deviceAnswered');
    expect(arrive(stored, facts)).toMatchObject({
      state: 'Answered',
      personality: 'Originator',
      endpoint: { addressOfRecord: 'line2@phones.example.test' },
    });
  });

  it('that rings is as it was', () => {
    expect(toward(aStoredCall('dialed'), { state: 'Alerting', personality: 'Click-to-Dial' })).toEqual([]);
  });

  it('is the call of an originator also where the answer of the device was missed', () => {
    const stored = aStoredCall('dialed');
    expect(arrive(stored, toward(stored, { state: 'Active' }))).toMatchObject({
      state: 'Active',
      personality: 'Originator',
    });
  });
});

describe('The other party', () => {
  const other = { address: '+3299999999', callType: 'Group' } as const;

  it('comes with the answer where another one has answered than was called', () => {
    const facts = toward(aStoredCall('originated'), { state: 'Active' }, aSight({ remoteParty: other }));
    expect(facts).toEqual([expect.objectContaining({ kind: 'answered', remoteParty: other })]);
  });

  it('that only turns out to be a colleague is the same, and is one from the answer on', () => {
    const colleague = { address: '+3212345678', callType: 'Group' } as const;
    const sight = aSight({ remoteParty: colleague });
    expect(toward(aStoredCall('originated', 'answered'), { state: 'Active' }, sight)).toEqual([]);
    const [answered] = toward(aStoredCall('originated'), { state: 'Active' }, sight);
    expect(answered).toMatchObject({ kind: 'answered', remoteParty: colleague });
  });

  it.each([
    ['Alerting', []],
    ['Active', ['answered']],
    ['Held', ['answered', 'held']],
  ] as const)('has changed in a call that is %s: transferred', (state, before) => {
    const stored = aStoredCall('originated', ...before);
    const facts = toward(stored, { state }, aSight({ remoteParty: other }));
    expect(facts).toEqual([expect.objectContaining({ kind: 'transferred', remoteParty: other })]);
    expect(facts[0]).not.toHaveProperty('externalTrackingId');
  });

  it('is in another session from then on, where the call is', () => {
    const stored = aStoredCall('originated', 'answered');
    const facts = toward(
      stored,
      { state: 'Active', externalTrackingId: OTHER_SESSION },
      aSight({ remoteParty: other }),
    );
    expect(kindsOf(facts)).toBe('transferred');
    expect(arrive(stored, facts)).toMatchObject({ externalTrackingId: OTHER_SESSION, remoteParty: other });
  });

  it('that is new and holds the call from the first moment is told of twice', () => {
    const stored = aStoredCall('originated', 'answered', 'remoteHeld');
    const facts = toward(stored, { state: 'Remote Held' }, aSight({ remoteParty: other }));
    expect(kindsOf(facts)).toBe('transferred remoteHeld');
  });

  it('that is not told stays as it was', () => {
    const stored = aStoredCall('originated', 'answered');
    expect(toward(stored, { state: 'Active' }, aSight({ remoteParty: undefined }))).toEqual([]);
  });
});

describe('The end of a call', () => {
  it.each([
    [undefined, 'normal'],
    ['Busy', 'busy'],
    ['Request Timeout', 'noAnswer'],
    ['Forbidden', 'declined'],
    ['Temporarily Unavailable', 'declined'],
    ['User Not Found', 'notInService'],
    ['Translation Failure', 'notInService'],
    ['Routing Failure', 'notInService'],
    ['Server Failure', 'unreachable'],
    ['Global Failure', 'unreachable'],
    ['Request Failure', 'unreachable'],
    ['Whatever comes next', 'unreachable'],
  ] as const)('of which the switch says %s is %s', (releaseCause, cause) => {
    const seen = { state: 'Released', ...(releaseCause !== undefined && { releaseCause }) } as const;
    expect(toward(aStoredCall('originated'), seen)).toEqual([
      { kind: 'released', callId: aSeenCall().callId, at: aSight().now, cause, by: 'system' },
    ]);
  });

  it.each([
    ['localRelease', 'local'],
    ['remoteRelease', 'remote'],
  ] as const)('by %s', (releasingParty, by) => {
    expect(toward(aStoredCall('originated'), { state: 'Released', releasingParty })).toMatchObject([{ by }]);
  });
});

it('A call that is held keeps since when, as the switch tells', () => {
  const stored = aStoredCall('originated', 'answered');
  const [held] = toward(stored, { state: 'Held', heldTime: 7_000 });
  expect(held && applyFact(stored, held)).toMatchObject({ heldTime: 7_000 });
});
