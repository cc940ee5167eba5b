import type { Call, CallState } from './call.js';
import type { CallBegan, CallFact, CallFactKind, RecordingFact } from './call-fact.js';
import {
  offeredRecordingCommands,
  RECORDING_COMMANDS,
  RECORDING_TRANSITIONS,
  type RecordingCommand,
} from './recording.js';

type LaterFactKind = Exclude<CallFactKind, CallBegan['kind'] | RecordingFact['kind']>;

/**
 * The one table of the call: state × fact → state. A pair that is not listed cannot happen.
 * `docs/call-states.md` is generated from it.
 */
export const TRANSITIONS: Record<CallState, Partial<Record<LaterFactKind, CallState>>> = {
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

const ESTABLISHED = ['Active', 'Held', 'Remote Held', 'Both Held'] as const;

/** What a user may ask of a call, and in which states. */
export const COMMANDS = {
  hold: ['Active', 'Remote Held'],
  reconnect: ['Held', 'Both Held'],
  blindTransfer: ['Alerting', ...ESTABLISHED],
  consultativeTransfer: ['Alerting', 'Answered', ...ESTABLISHED],
  startRecording: ESTABLISHED,
  pauseRecording: ESTABLISHED,
  resumeRecording: ESTABLISHED,
  stopRecording: ESTABLISHED,
  retrieve: [...ESTABLISHED, 'Detached'],
  release: ['Alerting', 'Answered', ...ESTABLISHED, 'Detached'],
} as const satisfies Record<string, readonly CallState[]>;
export type CallCommand = keyof typeof COMMANDS;

/** A call that rings can be deflected by the user it reaches, and be the consulted one of the user who placed it. */
const WHILE_ALERTING: Partial<Record<CallCommand, Call['personality']>> = {
  blindTransfer: 'Terminator',
  consultativeTransfer: 'Originator',
};

/** Whether the state of the call allows the command; what its recording allows is another question. */
export function allows(call: Call, command: CallCommand): boolean {
  if (!(COMMANDS[command] as readonly CallState[]).includes(call.state)) return false;
  const personality = call.state === 'Alerting' ? WHILE_ALERTING[command] : undefined;
  return personality === undefined || personality === call.personality;
}

/** The commands that the call and its recording allow now. */
export function allowedCommands(call: Call): CallCommand[] {
  const offered = offeredRecordingCommands(call);
  return (Object.keys(COMMANDS) as CallCommand[]).filter(
    (command) => allows(call, command) && (!isRecording(command) || offered.includes(command)),
  );
}

function isRecording(command: CallCommand): command is RecordingCommand {
  return (RECORDING_COMMANDS as readonly CallCommand[]).includes(command);
}

/** The first version of a call. @param freeAppearance the user's lowest free line */
export function beginCall(fact: CallBegan, freeAppearance: number): Call {
  return {
    callId: fact.callId,
    externalTrackingId: fact.externalTrackingId,
    owner: fact.owner,
    personality: PERSONALITY[fact.kind],
    state: 'Alerting',
    remoteParty: fact.remoteParty,
    endpoint: fact.endpoint,
    appearance: fact.appearance ?? freeAppearance,
    inConference: false,
    startTime: fact.at,
    recorded: false,
    recordingMode: fact.recordingMode,
    version: 1,
  };
}

const PERSONALITY = { dialed: 'Click-to-Dial', originated: 'Originator', received: 'Terminator' } as const;

/** The next version of the call, or undefined where the tables do not list the fact for the call as it is. */
export function applyFact(call: Call, fact: CallFact): Call | undefined {
  if (began(fact)) return undefined;
  if (isAboutRecording(fact)) return applyToRecording(call, fact);
  const state = TRANSITIONS[call.state][fact.kind];
  if (!state) return undefined;
  const next: Call = { ...call, state, version: call.version + 1 };
  switch (fact.kind) {
    case 'deviceAnswered':
    case 'answered':
      if (fact.endpoint) next.endpoint = fact.endpoint;
      if (fact.remoteParty) next.remoteParty = fact.remoteParty;
      if (fact.kind === 'answered') next.answerTime = fact.at;
      if (next.personality === 'Click-to-Dial') next.personality = 'Originator';
      break;
    case 'transferred':
      next.remoteParty = fact.remoteParty;
      if (fact.externalTrackingId) next.externalTrackingId = fact.externalTrackingId;
      break;
    case 'released':
      next.releaseTime = fact.at;
      next.releaseCause = fact.cause;
      break;
  }
  if (state === 'Held' || state === 'Both Held') next.heldTime ??= fact.at;
  else if (state !== 'Detached') delete next.heldTime;
  return next;
}

function isAboutRecording(fact: CallFact): fact is RecordingFact {
  return fact.kind in RECORDING_FACTS;
}

const RECORDING_FACTS = Object.assign({}, ...Object.values(RECORDING_TRANSITIONS)) as object;

function applyToRecording(call: Call, fact: RecordingFact): Call | undefined {
  const state = RECORDING_TRANSITIONS[call.recordingState ?? 'None'][fact.kind];
  if (!state || call.state === 'Released') return undefined;
  const { recordingState: _before, ...rest } = call;
  return {
    ...rest,
    recorded: call.recorded || state === 'Started',
    ...(state !== 'None' && { recordingState: state }),
    version: call.version + 1,
  };
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
