import type { MediaBridge, Side } from '../../media/media.js';
import type { UserRef } from '../../directory/domain/user.js';
import type { DialogState } from '../../sip/dialog.js';
import type { Target } from '../../sip/stack.js';

/**
 * A session of the back-to-back user agent as JSON: two parties, each with the leg (dialog) to its phone or to
 * the trunk. Stored with every step, so that any process that reads it can carry on.
 */
export interface SessionState {
  /** `externalTrackingId` of its calls. */
  id: string;
  /** Sessions that a consultative transfer has made part of this one: tags of some legs begin with their ids. */
  absorbed?: string[];
  /** Both parties were through: from here on another process can take over. */
  established: boolean;
  /** Stored before the parties were told that they are through: whether they were is to be found out. */
  untold?: boolean;
  caller: Party;
  callee: Party;
  /** Where its audio passes. */
  media: MediaBridge;
  joining?: Joining;
  /** Of parties whose place is taken: to be hung up, by the next process where this one did not come to it. */
  leaving?: Leg[];
}

/** Somebody who is being rung to take the place of a party: the target of a transfer, another device of the user. */
export interface Joining {
  side: Side;
  why: 'transfer' | 'retrieve';
  party: Party;
}

export interface Party {
  /** What the other party sees: E.164 or extension. */
  address: string;
  /** Where the party is a user of the service. */
  user?: UserRef;
  /** The user's call. */
  callId?: string;
  /** The user's calls are recorded from the answer on. */
  recordsAlways?: boolean;
  recording?: PartyRecording;
  /** INVITEs under way to the party's devices, kept so that another process can cancel them. */
  invites: Invite[];
  leg?: Leg;
  /** Who put the other party on hold: the API, or the user on the phone. */
  hold?: 'api' | 'phone';
  /** Between two devices: another is being rung to take the call over, or is waited for. */
  detached?: boolean;
  /** Address of record of the device that has lost the call. */
  lost?: string;
}

/** The recording of a party's call. */
export interface PartyRecording {
  id: string;
  state: 'pending' | 'started' | 'paused';
  /** Left out of the file at the moment, because nobody talks. */
  cut?: boolean;
  /** There is no file of this id yet. */
  unopened?: boolean;
}

/** All of an INVITE that a CANCEL needs. */
export interface Invite {
  uri: string;
  fromUri: string;
  toUri: string;
  callId: string;
  localTag: string;
  cseq: number;
  branch: string;
  target: Target;
  /** Of the device, where the party is a user. */
  addressOfRecord?: string;
}

export interface Leg {
  dialog: DialogState;
  /** We sent the INVITE, so the Call-ID is ours. */
  invited: boolean;
  /** The session in the o= line of what we send on this leg, and the last SDP in each direction. */
  sdp: { id: number; version: number; local: string; remote: string };
  addressOfRecord?: string;
  /** RFC 4028, milliseconds since 1970. */
  timer?: { refreshAt?: number; expiresAt: number };
}

export function newSession(id: string, caller: Party, callee: Party): SessionState {
  return { id, established: false, caller, callee, media: { id } };
}

/** The side on which the party is, or that it is about to take. */
export function sideOf({ caller, joining }: SessionState, party: Party): Side {
  if (joining?.party === party) return joining.side;
  return party === caller ? 'caller' : 'callee';
}

/** The party on the other side. */
export function otherParty(session: SessionState, party: Party): Party {
  return session[sideOf(session, party) === 'caller' ? 'callee' : 'caller'];
}

/** Both parties, and the one that is about to take the place of one of them. */
export function everyone({ caller, callee, joining }: SessionState): Party[] {
  return joining ? [caller, callee, joining.party] : [caller, callee];
}
