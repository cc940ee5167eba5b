/** The two parties of a session: each has a side of its own, whoever takes part on it. */
export type Side = 'caller' | 'callee';

/**
 * Where the audio of a session passes. JSON: kept with the session, so that another process can carry on. What
 * else is in it is the adapter's (ports, the instance of rtpengine…).
 */
export interface MediaBridge {
  /** Chosen by the engine, unique. */
  id: string;
  [detail: string]: unknown;
}

/** What a recording is of; written into its metadata. */
export interface RecordingSubject {
  callId: string;
  externalTrackingId: string;
  owner: { tenantId: string; groupId: string; userId: string };
}

export interface RecordingOrder {
  /** UUID, chosen by the engine; the name of its files. */
  id: string;
  /** The owner's side: the left channel; the other party is the right one. */
  owner: Side;
  subject: RecordingSubject;
}

/** Why a stretch of the call is missing in its recording. */
export type GapReason = 'paused' | 'held' | 'interrupted';

/** What can carry and record audio now. */
export interface MediaHealth {
  /** Nodes that are to carry audio, 0 where none passes here; and those of them that answer. */
  nodes: number;
  answering: number;
  /** Whether a recording could be written; absent where none are made. */
  recordings?: boolean;
}

/** The media node does not answer, has no port left, or does not understand a description. */
export class MediaUnavailable extends Error {}

/** The recording cannot begin or go on: disk full, read-only folder, nothing written. */
export class RecordingFailed extends Error {}

/**
 * Carries the audio of sessions. An SDP that goes from one party to the other is handed through `offer` or `answer`,
 * which put the adapter's own address and ports in the place of the sender's. Origin, direction and codecs stay as they
 * are. Every adapter passes `test/contracts/media.contract.ts`.
 */
export abstract class Media {
  /** Whether recordings can be made. */
  abstract readonly canRecord: boolean;
  /** Told once when a recording under way fails by itself; it is closed then, what was written stays. */
  onRecordingFailed: (bridgeId: string, recordingId: string, reason: string) => void = () => undefined;

  abstract start(): Promise<void>;
  abstract stop(): Promise<void>;
  /** Asks each node that is not known to be silent. Never fails. @param limitMs how long a node has to answer */
  abstract health(limitMs: number): Promise<MediaHealth>;

  /**
   * An offer of the party on side `from`, as the other party is to see it. Takes effect with the answer: an offer that
   * is never answered leaves the audio as it was. May be called with the first offer of a bridge, a later one, and
   * one of a new party that has taken the side; opens the bridge where need be and notes its details in `bridge`.
   * @throws MediaUnavailable
   */
  abstract offer(bridge: MediaBridge, from: Side, sdp: string): Promise<string>;
  /** The answer of the party on side `from` to the last offer of the other side. @throws MediaUnavailable */
  abstract answer(bridge: MediaBridge, from: Side, sdp: string): Promise<string>;
  /**
   * Makes the audio flow as these descriptions say: those that the parties sent last (empty: none yet). After an
   * offer that came to nothing, and for a session that another process left. @throws MediaUnavailable
   */
  abstract restore(bridge: MediaBridge, sdp: Record<Side, string>): Promise<void>;
  /** Frees all that the bridge has; its recordings are closed. Never fails, also for a bridge never opened. */
  abstract close(bridge: MediaBridge): Promise<void>;

  /**
   * Begins a recording, or carries on with the one of that id that a former process left (a gap 'interrupted').
   * Resolves when it is being written. @throws RecordingFailed
   */
  abstract startRecording(bridge: MediaBridge, order: RecordingOrder): Promise<void>;
  /** Leaves a gap until `resumeRecording`. @throws RecordingFailed */
  abstract pauseRecording(bridge: MediaBridge, recordingId: string, reason: GapReason): Promise<void>;
  /** @throws RecordingFailed */
  abstract resumeRecording(bridge: MediaBridge, recordingId: string): Promise<void>;
  /** Closes the recording: its file is complete, hashed and listed. Never fails. */
  abstract stopRecording(bridge: MediaBridge, recordingId: string): Promise<void>;
  /**
   * Completes the recordings that a former process left and nobody carries on with. After the start, once it is
   * known which are carried on with. Never fails.
   */
  abstract finishRecordings(except: ReadonlySet<string>): Promise<void>;
}
