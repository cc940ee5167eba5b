import type { User } from '../../directory/domain/user.js';
import type { Call, RemoteParty } from '../domain/call.js';
import type { CallFact } from '../domain/call-fact.js';
import type { StoredSession } from './call-repository.js';

/** Whom a call goes to: a number of the outside world, or a user of the service. */
export interface Destination {
  /** E.164 or extension, as the caller sees it in `remoteParty`. */
  address: string;
  user?: User;
}

/** A click-to-dial: ring the caller's devices, then the destination. */
export interface DialOrder {
  callId: string;
  externalTrackingId: string;
  caller: User;
  /** What the called party sees: the caller's E.164 or extension. */
  callerAddress: string;
  destination: Destination;
}

/** What one step of an engine did to a session: stored in one transaction. */
export interface EngineStep {
  /** `externalTrackingId` of the calls concerned. */
  sessionId: string;
  /** The engine's state after the step as JSON text; null: the session is over; undefined: nothing to keep. */
  state?: string | null;
  /** At most one fact per call. */
  facts: CallFact[];
}

/** Where an engine reports. Steps of one session are stored in the order of the calls to `record`. */
export abstract class StepRecorder {
  /** Resolves when the step is durable. @throws StoreUnavailable */
  abstract record(step: EngineStep): Promise<void>;
}

export type EngineRefusalReason =
  /** The call ended before or while the command was under way. */
  | 'callGone'
  /** No device of the user can be reached. */
  | 'noDevice'
  /** The phone or switch refused the change; the call is as before. */
  | 'refused'
  /** Another change of the same call is under way. */
  | 'busy'
  /** The phone or switch did not answer in time; the call is as before, as far as is known. */
  | 'timeout';

export class EngineRefusal extends Error {
  constructor(
    readonly reason: EngineRefusalReason,
    message: string = reason,
  ) {
    super(message);
  }
}

/**
 * A telephone switch in call-control words. Commands resolve when the switch has confirmed them and their
 * facts are stored; they reject with EngineRefusal. Facts also come unasked: the far end hangs up, a user dials
 * on the phone. Every adapter passes `test/contracts/call-engine.contract.ts`.
 */
export abstract class CallEngine {
  /** Begins to serve: takes up the stored sessions, ends the calls that it cannot resume, reports to `recorder`. */
  abstract start(recorder: StepRecorder, found: { calls: Call[]; sessions: StoredSession[] }): Promise<void>;
  /** Stops serving; calls stay up where the switch can keep them. */
  abstract stop(): Promise<void>;
  /** Whether a dial for the user would ring a device now. An engine that cannot know says true. */
  abstract canRing(user: User): boolean;
  /**
   * Chooses and returns what must be stored before the dial (ids, legs), as JSON text; nothing leaves the process.
   * Undefined where the engine has nothing to remember.
   */
  abstract prepareDial(order: DialOrder): string | undefined;
  /**
   * Rings the caller's devices. Resolves when the switch has taken the order, not when somebody answers.
   * @param prepared what `prepareDial` returned for the order, stored by now
   */
  abstract dial(order: DialOrder, prepared: string | undefined): Promise<void>;
  abstract hold(call: Call): Promise<void>;
  abstract reconnect(call: Call): Promise<void>;
  abstract release(call: Call): Promise<void>;
}

/** What the owner of a call sees of its remote party (CONTRACT.md, remoteParty). */
export function remotePartyFor(owner: User, address: string, remote?: User): RemoteParty {
  const sameGroup =
    remote !== undefined &&
    remote.ref.tenantId === owner.ref.tenantId &&
    remote.ref.groupId === owner.ref.groupId;
  return { address, callType: sameGroup ? 'Group' : 'Unknown' };
}
