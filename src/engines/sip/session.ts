import type { DialogState } from '../../sip/dialog.js';
import type { Target } from '../../sip/stack.js';

/**
 * A session of the back-to-back user agent as JSON: two parties, each with the leg (dialog) to its phone or to
 * the trunk. Stored with every step, so that any process that reads it can carry on.
 */
export interface SessionState {
  /** `externalTrackingId` of its calls. */
  id: string;
  /** Both parties were through: from here on another process can take over. */
  established: boolean;
  caller: Party;
  callee: Party;
}

export interface Party {
  /** The party's own call, where it is a user of the service. */
  callId?: string;
  /** INVITEs under way to the party's devices, kept so that another process can cancel them. */
  invites: Invite[];
  leg?: Leg;
  /** Who put the other party on hold: the API, or the user on the phone. */
  hold?: 'api' | 'phone';
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

export function otherParty(session: SessionState, party: Party): Party {
  return party === session.caller ? session.callee : session.caller;
}

export function partyOfCall(session: SessionState, callId: string): Party | undefined {
  return [session.caller, session.callee].find((party) => party.callId === callId);
}

export function newSession(id: string): SessionState {
  return { id, established: false, caller: { invites: [] }, callee: { invites: [] } };
}
