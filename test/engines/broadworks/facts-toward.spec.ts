import type { CallState } from '../../../src/calls/domain/call.js';
import type { LaterKind } from '../../support/some-calls.js';
import { arrive, aStoredCall, kindsOf, OTHER_SESSION, toward } from './support/seen-calls.js';

type Target = 'Active' | 'Held' | 'Remote Held' | 'Detached' | 'Released';

/** Stored state → seen state → what has happened in between. */
const MATRIX: Record<Exclude<CallState, 'Released'>, Record<Target, string>> = {
  Alerting: {
    Active: 'answered',
    Held: 'answered held',
    'Remote Held': 'answered remoteHeld',
    Detached: 'answered detached',
    Released: 'answered released',
  },
  Answered: {
    Active: 'answered',
    Held: 'answered held',
    'Remote Held': 'answered remoteHeld',
    Detached: 'answered detached',
    Released: 'answered released',
  },
  Active: {
    Active: '',
    Held: 'held',
    'Remote Held': 'remoteHeld',
    Detached: 'detached',
    Released: 'released',
  },
  Held: {
    Active: 'reconnected',
    Held: '',
    'Remote Held': 'reconnected remoteHeld',
    Detached: 'detached',
    Released: 'released',
  },
  'Remote Held': {
    Active: 'remoteReconnected',
    Held: 'held',
    'Remote Held': '',
    Detached: 'detached',
    Released: 'released',
  },
  'Both Held': {
    Active: 'reconnected remoteReconnected',
    Held: '',
    'Remote Held': 'reconnected',
    Detached: 'detached',
    Released: 'released',
  },
  Detached: {
    Active: 'reattached',
    Held: 'held',
    'Remote Held': 'remoteHeld',
    Detached: '',
    Released: 'released',
  },
};
const HOW: Record<Exclude<CallState, 'Released'>, LaterKind[]> = {
  Alerting: [],
  Answered: ['deviceAnswered'],
  Active: ['answered'],
  Held: ['answered', 'held'],
  'Remote Held': ['answered', 'remoteHeld'],
  'Both Held': ['answered', 'held', 'remoteHeld'],
  Detached: ['answered', 'detached'],
};
const EVERY_PAIR = Object.entries(MATRIX).flatMap(([state, ways]) =>
  Object.entries(ways).map(([seen, facts]) => [state as keyof typeof HOW, seen as Target, facts] as const),
);

describe('What has happened to a stored call that is seen', () => {
  it.each(EVERY_PAIR)('%s as %s: %s', (state, seen, expected) => {
    const stored = aStoredCall('originated', ...HOW[state]);
    expect(stored.state).toBe(state);
    expect(kindsOf(toward(stored, { state: seen, answerTime: 1_500 }))).toBe(expected);
  });

  it.each(Object.keys(HOW) as (keyof typeof HOW)[])(
    'ringing, when it is %s: nothing, it was told before that',
    (state) => {
      const stored = aStoredCall('originated', ...HOW[state]);
      expect(toward(stored, { state: 'Alerting' })).toEqual([]);
    },
  );

  it.each(Object.keys(HOW) as (keyof typeof HOW)[])('idle, when it is %s: nothing', (state) => {
    expect(toward(aStoredCall('originated', ...HOW[state]), { state: 'Idle' })).toEqual([]);
  });

  it.each(['Alerting', 'Active', 'Held', 'Detached', 'Released'] as const)(
    '%s, when it was released: nothing, it does not rise again',
    (state) => {
      const stored = aStoredCall('originated', 'answered', 'released');
      expect(toward(stored, { state, recorded: true, externalTrackingId: OTHER_SESSION })).toEqual([]);
    },
  );

  it('redirected before an answer: nothing, until it ends', () => {
    const stored = aStoredCall('received');
    expect(toward(stored, { state: 'Detached', personality: 'Terminator' })).toEqual([]);
    expect(kindsOf(toward(stored, { state: 'Released', personality: 'Terminator' }))).toBe('released');
  });
});

describe('The recording', () => {
  const STORED: Record<string, LaterKind[]> = {
    None: [],
    Pending: ['recordingPending'],
    Started: ['recordingStarted'],
    Paused: ['recordingStarted', 'recordingPaused'],
    Failed: ['recordingFailed'],
  };

  it.each([
    ['None', undefined, ''],
    ['None', 'Pending', 'recordingPending'],
    ['None', 'Started', 'recordingStarted'],
    ['None', 'Paused', 'recordingStarted recordingPaused'],
    ['None', 'Failed', 'recordingFailed'],
    ['Pending', undefined, 'recordingStopped'],
    ['Pending', 'Pending', ''],
    ['Pending', 'Started', 'recordingStarted'],
    ['Pending', 'Paused', 'recordingStarted recordingPaused'],
    ['Pending', 'Failed', 'recordingFailed'],
    ['Started', undefined, 'recordingStopped'],
    ['Started', 'Pending', 'recordingStopped recordingPending'],
    ['Started', 'Started', ''],
    ['Started', 'Paused', 'recordingPaused'],
    ['Started', 'Failed', 'recordingFailed'],
    ['Paused', undefined, 'recordingStopped'],
    ['Paused', 'Pending', 'recordingStopped recordingPending'],
    ['Paused', 'Started', 'recordingResumed'],
    ['Paused', 'Paused', ''],
    ['Paused', 'Failed', 'recordingFailed'],
    ['Failed', undefined, ''],
    ['Failed', 'Started', ''],
  ] as const)('%s, seen as %s: %s', (from, recordingState, expected) => {
    const stored = aStoredCall('originated', 'answered', ...(STORED[from] ?? []));
    const seen = { state: 'Active', ...(recordingState !== undefined && { recordingState }) } as const;
    expect(kindsOf(toward(stored, seen))).toBe(expected);
  });

  it('that came and went unseen has been', () => {
    const stored = aStoredCall('originated', 'answered');
    const facts = toward(stored, { state: 'Active', recorded: true });
    expect(kindsOf(facts)).toBe('recordingStarted recordingStopped');
    const after = arrive(stored, facts);
    expect([after?.recorded, after?.recordingState]).toEqual([true, undefined]);
  });

  it('of a call that ends is left alone', () => {
    const stored = aStoredCall('originated', 'answered', 'recordingStarted');
    expect(kindsOf(toward(stored, { state: 'Released' }))).toBe('released');
  });

  it('is looked at after the state: a call that is answered and recorded is both', () => {
    const facts = toward(aStoredCall('received'), {
      state: 'Active',
      recordingState: 'Started',
      recorded: true,
    });
    expect(kindsOf(facts)).toBe('answered recordingStarted');
  });
});
