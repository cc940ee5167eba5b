import type { UserRef } from '../../directory/domain/user.js';
import type { Call } from '../domain/call.js';
import type { CallFact } from '../domain/call-fact.js';

/** One change: written whole or not at all. */
export interface CallChange {
  /**
   * New versions of calls, each with the fact that made it, which is stored as its event.
   * `call.version` is the version that was read plus one; 1 inserts.
   */
  calls: { call: Call; fact: CallFact }[];
  sessions?: SessionChange[];
}

/** The engine's own state of a session (its legs, dialogs…): JSON that only the engine understands. */
export interface SessionChange {
  /** The `externalTrackingId` of the session's calls. */
  sessionId: string;
  /** The version that was read plus one; 1 inserts. */
  version: number;
  /** JSON text; null ends the session and removes the row. */
  state: string | null;
}

export interface StoredSession {
  sessionId: string;
  version: number;
  state: string;
}

/** A stored event of a call: the fact, and the state that it led to. */
export interface CallEvent {
  /** Position in the log of the whole store, growing. */
  sequence: number;
  callId: string;
  version: number;
  state: Call['state'];
  fact: CallFact;
}

/** Somebody else changed the call or session since it was read. Nothing was written. */
export class VersionConflict extends Error {
  constructor(readonly id: string) {
    super(`${id} was changed by somebody else`);
  }
}

/** The store cannot be reached or did not answer in time. */
export class StoreUnavailable extends Error {
  /** @param maybeWritten the store was asked, and whether it has written the change is not known */
  constructor(
    message: string,
    readonly maybeWritten = false,
  ) {
    super(message);
  }
}

/**
 * Calls, their events and the engine's sessions. Every adapter passes `test/contracts/call-repository.contract.ts`.
 * A promise of `save` resolves when the change is on disk (it survives a power cut), and a read that starts
 * afterwards sees it.
 */
export abstract class CallRepository {
  /** @throws VersionConflict, StoreUnavailable */
  abstract save(change: CallChange): Promise<void>;
  /** Ongoing and released calls alike. */
  abstract find(callId: string): Promise<Call | undefined>;
  /** The calls of a user that are not released, oldest first. */
  abstract listOngoing(owner: UserRef): Promise<Call[]>;
  /** All calls that are not released and all sessions: what a starting process finds. */
  abstract loadOngoing(): Promise<{ calls: Call[]; sessions: StoredSession[] }>;
  abstract findSession(sessionId: string): Promise<StoredSession | undefined>;
  /** Events of one call, oldest first. */
  abstract eventsOf(callId: string): Promise<CallEvent[]>;
}
