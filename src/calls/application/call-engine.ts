import type { User, UserRef } from '../../directory/domain/user.js';
import type { Call, RemoteParty } from '../domain/call.js';
import type { CallFact } from '../domain/call-fact.js';
import type { StoredSession } from './call-repository.js';

/** Whom a call goes to: a number of the outside world, or a user of the service. */
export interface Destination {
  /** E.164 or extension, as the caller sees it in `remoteParty`. */
  address: string;
  user?: User;
}

/** What names a call: its own id, and that of the session, which the other party's call shares. */
export interface CallIds {
  callId: string;
  externalTrackingId: string;
}

/** A click-to-dial: ring the caller's devices, then the destination. */
export interface DialOrder {
  caller: User;
  /** What the called party sees: the caller's E.164 or extension. */
  callerAddress: string;
  destination: Destination;
}

/** What one step of an engine did to a session: stored in one transaction. */
export interface EngineStep {
  /** `externalTrackingId` of the calls concerned. */
  sessionId: string;
  /** The session that has become part of this one: it ends, its calls are in this one from now on. */
  absorbed?: string;
  /** The engine's state after the step as JSON text; null: the session is over; undefined: nothing to keep. */
  state?: string | null;
  /** At most one fact per call. */
  facts: CallFact[];
}

/** Where an engine reports. Steps of one session are stored in the order of the calls. */
export abstract class StepRecorder {
  /**
   * Stores what nobody has been told of yet: how a session begins, or that somebody is to be rung. In a few seconds, or
   * the engine must let it be: should it turn out to be stored after all, the calls that it begins are ended.
   * @throws StoreUnavailable
   */
  abstract open(step: EngineStep): Promise<void>;
  /** Stores what has happened already, however long the store is away. Resolves when the step is durable. */
  abstract record(step: EngineStep): Promise<void>;
  /** Whether so much of the session waits for the store that a phone should not change it by choice. */
  abstract crowded(sessionId: string): boolean;
  /** Whether the last that is known of the store is that it is away: what is recorded now waits. */
  abstract get away(): boolean;
}

export type EngineRefusalReason =
  /** The call ended before or while the command was under way. */
  | 'callGone'
  /** No device of the user can be reached. */
  | 'noDevice'
  /** The phone or switch refused the change; the call is as before. */
  | 'refused'
  /** The target of a transfer did not answer, or the parties could not be connected; the call is as before. */
  | 'transferFailed'
  /** One of the calls is in a consultative transfer already. */
  | 'consultationInProgress'
  /** This call cannot be recorded, because its audio does not pass here. */
  | 'recordingDisabled'
  /** The recording could not begin or go on. */
  | 'recordingFailed'
  /** The switch, or a part that it needs, such as its media node, cannot be reached; the call is as before. */
  | 'unavailable'
  /** The switch gave no answer that can be understood; whether the change was made is not known. */
  | 'badAnswer'
  /** Another change of the same call is under way. */
  | 'busy'
  /** The phone or switch did not answer in time; the call is as before, as far as is known. */
  | 'timeout';

export class EngineRefusal extends Error {
  /**
   * @param message told to the client where the reason is unavailable, timeout or badAnswer: what does not answer, by
   * the name that the operator gave it, never by its address. What is for the log goes to `cause`.
   */
  constructor(
    readonly reason: EngineRefusalReason,
    message: string = reason,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Where what is told of a user's calls comes from: what is stored as it happens, or the switch, asked just now. */
export type CallsFrom = 'store' | 'switch';

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
  /** Whether phones and switches can reach it now. */
  abstract get serving(): boolean;
  /** The switches, as the operator has named them, that do not tell of their calls now. May wait for the store. */
  abstract outOfStep(): Promise<string[]>;
  /** Whether a dial for the user would ring a device now. An engine that cannot know says true. */
  abstract canRing(user: User): boolean;
  /**
   * Stores that the call begins and rings the caller's devices. Resolves when the switch has taken the order, not when
   * somebody answers. An order whose answer is lost is not repeated.
   * @returns the ids of the call: the switch's own, where it gives some
   * @throws EngineRefusal, StoreUnavailable: nobody was rung, as far as is known
   */
  abstract dial(order: DialOrder): Promise<CallIds>;
  abstract hold(call: Call): Promise<void>;
  abstract reconnect(call: Call): Promise<void>;
  abstract release(call: Call): Promise<void>;
  /**
   * Connects the remote party to the destination; the call ends when the destination answers. Until then nothing
   * changes for the two who talk. @throws EngineRefusal transferFailed: the call is as before
   */
  abstract blindTransfer(call: Call, destination: Destination): Promise<void>;
  /**
   * Connects the remote parties of two calls of the same user; both calls end. Waits for the one that still rings.
   * @throws EngineRefusal transferFailed: both calls are as before; consultationInProgress
   */
  abstract consultativeTransfer(call: Call, consulted: Call): Promise<void>;
  /**
   * Rings the user's other devices to pull the call to one of them. Resolves when the new call is stored and the
   * devices are being rung: the call is `Detached` until one answers or none does.
   * @returns the ids of the new call @throws EngineRefusal noDevice where the user has no other device that can be rung
   */
  abstract retrieve(call: Call, user: User): Promise<CallIds>;
  /** Resolves when the recording has begun, or is pending because the call is held. */
  abstract startRecording(call: Call): Promise<void>;
  abstract pauseRecording(call: Call): Promise<void>;
  abstract resumeRecording(call: Call): Promise<void>;
  abstract stopRecording(call: Call): Promise<void>;
  /**
   * Makes what is stored of the user's calls true, where the engine is out of step with its switch. Cheap where it is
   * not. @returns where the calls come from that are read from the store next: `switch`, when it was asked just now
   * @throws EngineRefusal unavailable, timeout, badAnswer
   */
  abstract catchUp(user: User): Promise<CallsFrom>;
}

/** What the owner of a call sees of its remote party (CONTRACT.md, remoteParty). */
export function remotePartyFor(owner: UserRef, address: string, remote?: UserRef): RemoteParty {
  const sameGroup =
    remote !== undefined && remote.tenantId === owner.tenantId && remote.groupId === owner.groupId;
  return { address, callType: sameGroup ? 'Group' : 'Unknown' };
}
