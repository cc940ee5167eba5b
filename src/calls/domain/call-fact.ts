import type { RecordingMode, UserRef } from '../../directory/domain/user.js';
import type { Endpoint, ReleaseCause, RemoteParty } from './call.js';

interface FactOf<Kind extends string> {
  kind: Kind;
  callId: string;
  /** Milliseconds since 1970, UTC: when it happened, not when it was stored. */
  at: number;
}

/** How a call comes into being. */
export interface CallBegan extends FactOf<'dialed' | 'originated' | 'received'> {
  owner: UserRef;
  externalTrackingId: string;
  remoteParty: RemoteParty;
  endpoint: Endpoint;
  recordingMode: RecordingMode;
  /** The user's line, where the switch has chosen it. */
  appearance?: number;
}

export interface CallAnswered extends FactOf<'deviceAnswered' | 'answered'> {
  /** The device that answered: it carries the call from now on. */
  endpoint?: Endpoint;
  /** Whoever answered, where it is not the party that was called (deflection). */
  remoteParty?: RemoteParty;
}

export interface CallTransferred extends FactOf<'transferred'> {
  remoteParty: RemoteParty;
  /** The session that the call is in from now on, where it changes. */
  externalTrackingId?: string;
}

export interface CallReleased extends FactOf<'released'> {
  cause: ReleaseCause;
  /** Who hung up, seen from the call's owner. */
  by: 'local' | 'remote' | 'system';
}

/** Facts of the call's recording; they leave the call's state alone. */
export type RecordingFact = FactOf<
  | 'recordingPending'
  | 'recordingStarted'
  | 'recordingPaused'
  | 'recordingResumed'
  | 'recordingStopped'
  | 'recordingFailed'
>;

/**
 * What an engine says has happened to one call.
 *
 * - `dialed` the API asked for the call; `originated` the user dialled on a device; `received` a call reaches the user
 * - `remoteRinging` the called party's phone rings
 * - `deviceAnswered` the user's device answered a click-to-dial; `answered` both parties are through
 * - `held`, `reconnected` by this user; `remoteHeld`, `remoteReconnected` by the other party
 * - `transferred` another party has taken the place of the remote one
 * - `detached` the call is between two devices; after that `reattached`, `held` or `remoteHeld` tell what it came back to
 * - `released` the end; nothing follows
 */
export type CallFact =
  | CallBegan
  | CallAnswered
  | CallTransferred
  | CallReleased
  | RecordingFact
  | FactOf<
      | 'remoteRinging'
      | 'held'
      | 'reconnected'
      | 'remoteHeld'
      | 'remoteReconnected'
      | 'detached'
      | 'reattached'
    >;

export type CallFactKind = CallFact['kind'];
