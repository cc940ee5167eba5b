import type { Call, CallState } from '../../src/calls/domain/call.js';
import type { CallBegan, CallFact, CallTransferred } from '../../src/calls/domain/call-fact.js';
import {
  applyFact,
  beginCall,
  checkTransitionTable,
  TRANSITIONS,
} from '../../src/calls/domain/call-lifecycle.js';
import { aFact, type LaterKind } from '../support/some-calls.js';

const STATES = Object.keys(TRANSITIONS) as CallState[];
/** The table once more, by the names of the facts: state, then what may happen in it and where that leads. */
const MAY_HAPPEN: Record<CallState, Partial<Record<LaterKind, CallState>>> = {
  Alerting: {
    remoteRinging: 'Alerting',
    deviceAnswered: 'Answered',
    answered: 'Active',
    transferred: 'Alerting',
    released: 'Released',
  },
  Answered: { remoteRinging: 'Answered', answered: 'Active', transferred: 'Answered', released: 'Released' },
  Active: {
    held: 'Held',
    remoteHeld: 'Remote Held',
    transferred: 'Active',
    detached: 'Detached',
    released: 'Released',
  },
  Held: {
    reconnected: 'Active',
    remoteHeld: 'Both Held',
    transferred: 'Held',
    detached: 'Detached',
    released: 'Released',
  },
  'Remote Held': {
    remoteReconnected: 'Active',
    held: 'Both Held',
    transferred: 'Active',
    detached: 'Detached',
    released: 'Released',
  },
  'Both Held': {
    reconnected: 'Remote Held',
    remoteReconnected: 'Held',
    transferred: 'Held',
    detached: 'Detached',
    released: 'Released',
  },
  Detached: {
    reattached: 'Active',
    held: 'Held',
    remoteHeld: 'Remote Held',
    transferred: 'Detached',
    released: 'Released',
  },
  Released: {},
};
const LATER = [...new Set(Object.values(MAY_HAPPEN).flatMap((facts) => Object.keys(facts)))] as LaterKind[];
const EVERY_PAIR = STATES.flatMap((state) => LATER.map((kind) => [state, kind] as const));

function began(kind: CallBegan['kind']): CallBegan {
  return {
    kind,
    callId: 'callhalf-1:0',
    at: 1_000,
    owner: { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' },
    externalTrackingId: '7c9a4f3e-3f0e-4c43-9d69-6f3f4f7c9a01',
    remoteParty: { address: '+3212345678', callType: 'Unknown' },
    endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
    recordingMode: 'On Demand',
  };
}

function fact(kind: LaterKind, at = 2_000): CallFact {
  return aFact(kind, 'callhalf-1:0', at);
}

function callIn(state: CallState): Call {
  return { ...beginCall(began('originated'), 1), state, version: 7 };
}

function through(call: Call, ...kinds: LaterKind[]): CallState[] {
  const states: CallState[] = [];
  for (const kind of kinds) {
    const next = applyFact(call, fact(kind));
    if (!next) throw new Error(`${kind} does not apply in ${call.state}`);
    call = next;
    states.push(call.state);
  }
  return states;
}

describe('the life of a call', () => {
  it('begins alerting, with version 1 and what the fact tells', () => {
    expect(beginCall(began('dialed'), 3)).toEqual({
      callId: 'callhalf-1:0',
      externalTrackingId: '7c9a4f3e-3f0e-4c43-9d69-6f3f4f7c9a01',
      owner: { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' },
      personality: 'Click-to-Dial',
      state: 'Alerting',
      remoteParty: { address: '+3212345678', callType: 'Unknown' },
      endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
      appearance: 3,
      inConference: false,
      startTime: 1_000,
      recorded: false,
      recordingMode: 'On Demand',
      version: 1,
    });
  });

  it.each([
    ['dialed', 'Click-to-Dial'],
    ['originated', 'Originator'],
    ['received', 'Terminator'],
  ] as const)('%s makes it a %s call', (kind, personality) => {
    expect(beginCall(began(kind), 1).personality).toBe(personality);
  });

  it('of a click-to-dial: the device answers, the other rings and answers, they talk, somebody hangs up', () => {
    const states = through(
      beginCall(began('dialed'), 1),
      'deviceAnswered',
      'remoteRinging',
      'answered',
      'released',
    );
    expect(states).toEqual(['Answered', 'Answered', 'Active', 'Released']);
  });

  it('with both parties on hold: each takes back only their own hold', () => {
    const call = beginCall(began('received'), 1);
    expect(through(call, 'answered', 'held', 'remoteHeld', 'reconnected', 'remoteReconnected')).toEqual([
      'Active',
      'Held',
      'Both Held',
      'Remote Held',
      'Active',
    ]);
  });

  it.each([
    ['reattached', 'Active'],
    ['held', 'Held'],
    ['remoteHeld', 'Remote Held'],
  ] as const)('between two devices comes back: %s', (kind, state) => {
    const call = beginCall(began('originated'), 1);
    expect(through(call, 'answered', 'detached', kind)).toEqual(['Active', 'Detached', state]);
  });

  it('that rings or is held goes on so with the party that has taken the place of the other', () => {
    const call = beginCall(began('received'), 1);
    expect(through(call, 'transferred', 'answered', 'held', 'transferred', 'reconnected')).toEqual([
      'Alerting',
      'Active',
      'Held',
      'Held',
      'Active',
    ]);
  });

  it('with a new party is no longer held by the one that has left', () => {
    expect(applyFact(callIn('Remote Held'), fact('transferred'))?.state).toBe('Active');
    expect(applyFact(callIn('Both Held'), fact('transferred'))?.state).toBe('Held');
  });

  it('shows the party that has taken the place of the other, and is in its session', () => {
    const moved = {
      ...(fact('transferred') as CallTransferred),
      externalTrackingId: '1d9b8a52-2c7e-4f3c-bb07-0c52a9d0e802',
    };
    expect(applyFact(callIn('Active'), moved)).toMatchObject({
      remoteParty: { address: '5601', callType: 'Group' },
      externalTrackingId: '1d9b8a52-2c7e-4f3c-bb07-0c52a9d0e802',
    });
    expect(applyFact(callIn('Active'), fact('transferred'))).toMatchObject({
      remoteParty: { address: '5601', callType: 'Group' },
      externalTrackingId: '7c9a4f3e-3f0e-4c43-9d69-6f3f4f7c9a01',
    });
  });

  it('answered by another than the called party shows who answered', () => {
    const remoteParty = { address: '+3212345603', callType: 'Unknown' } as const;
    const answered = { ...fact('answered'), remoteParty } as CallFact;
    expect(applyFact(callIn('Alerting'), answered)?.remoteParty).toEqual(remoteParty);
  });

  it('becomes an originator’s call once the device of a click-to-dial has answered', () => {
    const call = beginCall(began('dialed'), 1);
    expect(applyFact(call, fact('remoteRinging'))?.personality).toBe('Click-to-Dial');
    expect(applyFact(call, fact('deviceAnswered'))?.personality).toBe('Originator');
    expect(applyFact(beginCall(began('received'), 1), fact('answered'))?.personality).toBe('Terminator');
  });

  it('keeps when it was answered, and when and why it ended', () => {
    const answered = applyFact(callIn('Alerting'), fact('answered', 3_000));
    expect(answered).toMatchObject({ state: 'Active', startTime: 1_000, answerTime: 3_000 });
    const ended = applyFact(answered as Call, fact('released', 4_000));
    expect(ended).toMatchObject({ answerTime: 3_000, releaseTime: 4_000, releaseCause: 'normal' });
    expect(applyFact(callIn('Alerting'), fact('released'))).not.toHaveProperty('answerTime');
  });

  it('is carried by the device that answered it', () => {
    const endpoint = { addressOfRecord: 'MB_foouser@sip.example.test' };
    const answered = { ...fact('answered'), endpoint } as CallFact;
    expect(applyFact(callIn('Alerting'), answered)?.endpoint).toEqual(endpoint);
    expect(applyFact(callIn('Alerting'), fact('answered'))?.endpoint).toEqual(callIn('Alerting').endpoint);
  });
});

describe('each pair of state and fact', () => {
  it.each(EVERY_PAIR)('%s, %s', (state, kind) => {
    const call = callIn(state);
    const before = structuredClone(call);
    const next = applyFact(call, fact(kind));
    expect(next?.state).toBe(MAY_HAPPEN[state][kind]);
    expect(next?.version).toBe(next && 8);
    expect(call).toEqual(before);
  });

  it.each(STATES)('%s: a call that is there does not begin again', (state) => {
    expect(applyFact(callIn(state), began('dialed'))).toBeUndefined();
  });
});

describe('since when the user holds a call', () => {
  it.each([
    [['answered', 'held'], 2],
    [['answered', 'held', 'remoteHeld', 'remoteReconnected'], 2],
    [['answered', 'remoteHeld', 'held'], 3],
    [['answered', 'held', 'transferred'], 2],
    [['answered', 'held', 'reconnected'], undefined],
    [['answered', 'held', 'remoteHeld', 'reconnected'], undefined],
    [['answered', 'held', 'reconnected', 'held'], 4],
    [['answered', 'held', 'detached', 'held'], 2],
    [['answered', 'held', 'detached', 'reattached'], undefined],
    [['answered', 'held', 'detached', 'remoteHeld'], undefined],
    [['answered', 'remoteHeld'], undefined],
  ] as [LaterKind[], number | undefined][])('%j: %s', (kinds, since) => {
    let call = beginCall(began('received'), 1);
    for (const [index, kind] of kinds.entries()) call = applyFact(call, fact(kind, index + 1)) as Call;
    expect(call.heldTime).toBe(since);
  });
});

describe('the check of the table at start', () => {
  it('accepts the table of the house', () => {
    expect(() => checkTransitionTable()).not.toThrow();
  });

  it('refuses a table in which something follows the end', () => {
    const broken = { ...TRANSITIONS, Released: { answered: 'Active' as const } };
    expect(() => checkTransitionTable(broken)).toThrow('Released must be the end');
  });

  it('refuses a table with a state that no call comes into', () => {
    const withoutDetached = Object.fromEntries(
      Object.entries(TRANSITIONS).map(([state, facts]) => [
        state,
        Object.fromEntries(Object.entries(facts).filter(([kind]) => kind !== 'detached')),
      ]),
    ) as typeof TRANSITIONS;
    expect(() => checkTransitionTable(withoutDetached)).toThrow('Detached cannot be reached from Alerting');
  });

  it('refuses a table with a state that no call comes out of', () => {
    const broken = { ...TRANSITIONS, Detached: {} };
    expect(() => checkTransitionTable(broken)).toThrow('Detached cannot reach Released');
  });

  it('refuses a table in which states lead only to each other', () => {
    const circle = { ...TRANSITIONS, Active: { held: 'Held' }, Held: { reconnected: 'Active' } } as const;
    expect(() => checkTransitionTable({ ...circle, 'Remote Held': {}, 'Both Held': {} })).toThrow(
      /cannot be reached|cannot reach/,
    );
  });
});
