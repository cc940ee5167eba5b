import type { UserRef } from '../../directory/domain/user.js';
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
}

/** The device that answered: it carries the call from now on. */
export interface CallAnswered extends FactOf<'deviceAnswered' | 'answered' | 'reattached'> {
  endpoint?: Endpoint;
}

export interface CallReleased extends FactOf<'released'> {
  cause: ReleaseCause;
  /** Who hung up, seen from the call's owner. */
  by: 'local' | 'remote' | 'system';
}

/**
 * What an engine says has happened to one call.
 *
 * - `dialed` the API asked for the call; `originated` the user dialled on a device; `received` a call reaches the user
 * - `remoteRinging` the called party's phone rings
 * - `deviceAnswered` the user's device answered a click-to-dial; `answered` both parties are through
 * - `held`, `reconnected` by this user; `remoteHeld`, `remoteReconnected` by the other party
 * - `detached` no device carries the call any more; `reattached` one does again
 * - `released` the end; nothing follows
 */
export type CallFact =
  | CallBegan
  | CallAnswered
  | CallReleased
  | FactOf<'remoteRinging' | 'held' | 'reconnected' | 'remoteHeld' | 'remoteReconnected' | 'detached'>;

export type CallFactKind = CallFact['kind'];
