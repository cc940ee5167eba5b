import type { Call, CallState } from './call.js';
import type { CallBegan, CallFact, CallFactKind } from './call-fact.js';

type LaterFactKind = Exclude<CallFactKind, CallBegan['kind']>;

/**
 * The one table of the call: state × fact → state. A pair that is not listed cannot happen.
 * `docs/call-states.md` is generated from it.
 */
export const TRANSITIONS: Record<CallState, Partial<Record<LaterFactKind, CallState>>> = {
  Alerting: {
    remoteRinging: 'Alerting',
    deviceAnswered: 'Answered',
    answered: 'Active',
    released: 'Released',
  },
  Answered: { remoteRinging: 'Answered', answered: 'Active', released: 'Released' },
  Active: { held: 'Held', remoteHeld: 'Remote Held', detached: 'Detached', released: 'Released' },
  Held: { reconnected: 'Active', remoteHeld: 'Both Held', detached: 'Detached', released: 'Released' },
  'Remote Held': {
    remoteReconnected: 'Active',
    held: 'Both Held',
    detached: 'Detached',
    released: 'Released',
  },
  'Both Held': {
    reconnected: 'Remote Held',
    remoteReconnected: 'Held',
    detached: 'Detached',
    released: 'Released',
  },
  Detached: { reattached: 'Active', released: 'Released' },
  Released: {},
};

/** What a user may ask of a call, and in which states. */
export const COMMANDS = {
  hold: ['Active', 'Remote Held'],
  reconnect: ['Held', 'Both Held'],
  release: ['Alerting', 'Answered', 'Active', 'Held', 'Remote Held', 'Both Held', 'Detached'],
} as const satisfies Record<string, readonly CallState[]>;
export type CallCommand = keyof typeof COMMANDS;

export function allows(call: Call, command: CallCommand): boolean {
  return (COMMANDS[command] as readonly CallState[]).includes(call.state);
}

/** The commands that the call's state allows now. */
export function allowedCommands(call: Call): CallCommand[] {
  return (Object.keys(COMMANDS) as CallCommand[]).filter((command) => allows(call, command));
}

/** The first version of a call. @param appearance the user's lowest free line */
export function beginCall(fact: CallBegan, appearance: number): Call {
  return {
    callId: fact.callId,
    externalTrackingId: fact.externalTrackingId,
    owner: fact.owner,
    personality: PERSONALITY[fact.kind],
    state: 'Alerting',
    remoteParty: fact.remoteParty,
    endpoint: fact.endpoint,
    appearance,
    inConference: false,
    startTime: fact.at,
    recorded: false,
    version: 1,
  };
}

const PERSONALITY = { dialed: 'Click-to-Dial', originated: 'Originator', received: 'Terminator' } as const;

/** The next version of the call, or undefined where the table does not list the fact for the call's state. */
export function applyFact(call: Call, fact: CallFact): Call | undefined {
  if (began(fact)) return undefined;
  const state = TRANSITIONS[call.state][fact.kind];
  if (!state) return undefined;
  const next: Call = { ...call, state, version: call.version + 1 };
  switch (fact.kind) {
    case 'deviceAnswered':
    case 'answered':
    case 'reattached':
      if (fact.endpoint) next.endpoint = fact.endpoint;
      if (fact.kind === 'answered') next.answerTime = fact.at;
      if (next.personality === 'Click-to-Dial') next.personality = 'Originator';
      break;
    case 'released':
      next.releaseTime = fact.at;
      next.releaseCause = fact.cause;
      break;
  }
  return next;
}

export function began(fact: CallFact): fact is CallBegan {
  return fact.kind in PERSONALITY;
}

/**
 * Checks the table once at start: every state can be reached from `Alerting` and can reach `Released`,
 * and nothing leaves `Released`.
 * @throws Error naming the state that breaks the rule
 */
export function checkTransitionTable(table: typeof TRANSITIONS = TRANSITIONS): void {
  const reachable = (from: CallState): Set<CallState> => {
    const seen = new Set<CallState>([from]);
    for (const state of seen) for (const next of Object.values(table[state])) seen.add(next);
    return seen;
  };
  if (Object.keys(table.Released).length > 0) throw new Error('Transition table: Released must be the end.');
  const fromStart = reachable('Alerting');
  for (const state of Object.keys(table) as CallState[]) {
    if (!fromStart.has(state)) throw new Error(`Transition table: ${state} cannot be reached from Alerting.`);
    if (!reachable(state).has('Released'))
      throw new Error(`Transition table: ${state} cannot reach Released.`);
  }
}
