import type { SwitchUser } from '../world.ts';

/** Facts: Xsi-Actions, "Values". */
export type CallState = 'Alerting' | 'Active' | 'Held' | 'Remote Held' | 'Detached' | 'Released';
export type Personality = 'Originator' | 'Terminator' | 'Click-to-Dial';
export type RecordingState = 'Pending' | 'Started' | 'Paused' | 'Failed';
export type ReleaseCause =
  | 'Busy'
  | 'Forbidden'
  | 'Request Failure'
  | 'Translation Failure'
  | 'Temporarily Unavailable'
  | 'User Not Found'
  | 'Request Timeout';
export type ReleasingParty = 'localRelease' | 'remoteRelease';

/** One user's view of a call. */
export interface CallHalf {
  callId: string;
  user: SwitchUser;
  side: Side;
  personality: Personality;
  appearance: number;
  /** Milliseconds since 1970, as are the other times. */
  startTime: number;
  answerTime?: number;
  heldTime?: number;
  recorded: boolean;
  recordingState?: RecordingState;
  releaseCause?: ReleaseCause;
  releasingParty?: ReleasingParty;
  released: boolean;
  /** A consultation of this call is under way. */
  consulting: boolean;
  /** Told once when the call is answered or has ended. */
  waiters: (() => void)[];
  /** The recorder has been asked to start and has not done so yet. */
  recorderStarts?: NodeJS.Timeout;
}

export interface Phone {
  readonly addressOfRecord: string;
  take(side: Side): void;
  drop(side: Side): void;
}

/** SIP statuses (RFC 3261), since phones speak SIP: none there, no answer, not to be reached, busy, called off, declined. */
export type Refusal = 404 | 408 | 480 | 486 | 487 | 603;

/** Phones that ring for one end of a session. */
export interface Ring {
  readonly first: Phone | undefined;
  pickUp(phone: Phone): void;
  refuse(phone: Phone, status: Refusal): void;
  cancel(): void;
}

/** One end of a session: a user of the switch, or an outside number. */
export interface Side {
  session: Session;
  user?: SwitchUser;
  /** As called, where it is not a user. */
  number: string;
  /** There as soon as the user has a call. */
  half?: CallHalf;
  /** The phone that carries it. */
  device?: Phone;
  /** The phone that carried it until it was detached. */
  lostDevice?: Phone;
  ringing?: Ring;
  /** This end has put the other one on hold. */
  holds: boolean;
  detached: boolean;
  /** The end that takes the place of this one once it is answered. */
  replacement?: Side;
  timers: Set<NodeJS.Timeout>;
}

/** A user of the switch, or an outside number. */
export interface Party {
  user?: SwitchUser;
  number: string;
}

export interface Session {
  /** Facts: Xsi-Actions, "UUIDs in recent". */
  trackingId: string;
  sides: [Side, Side];
  over: boolean;
  /** Told the SIP status that the phone hears which has dialled; the first one counts. */
  told?: (status: number) => void;
}

export function otherSide(side: Side): Side {
  const [one, other] = side.session.sides;
  // A side that is to replace one looks at the other one already.
  return one === side || one.replacement === side ? other : one;
}

export function stateOf(half: CallHalf): CallState {
  if (half.released) return 'Released';
  if (half.side.detached) return 'Detached';
  if (half.answerTime === undefined) return 'Alerting';
  if (half.side.holds) return 'Held';
  return otherSide(half.side).holds ? 'Remote Held' : 'Active';
}

export function newSide(session: Session, party: Party): Side {
  return {
    session,
    number: party.number,
    ...(party.user && { user: party.user }),
    holds: false,
    detached: false,
    timers: new Set(),
  };
}

export function newSession(trackingId: string, from: Party, to: Party): Session {
  const session = { trackingId, over: false } as Session;
  session.sides = [newSide(session, from), newSide(session, to)];
  return session;
}
