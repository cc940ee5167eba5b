import type { RecordingMode, UserRef } from '../../directory/domain/user.js';

/**
 * One user's view of a call (reference page, "Call Attributes"). Two users of the service who talk to each
 * other have a call each, with the same `externalTrackingId`.
 */
export interface Call {
  /** `callhalf-<integer>:0` */
  callId: string;
  /** UUID of the session, shared by all the calls in it. */
  externalTrackingId: string;
  owner: UserRef;
  personality: Personality;
  state: CallState;
  remoteParty: RemoteParty;
  endpoint: Endpoint;
  /** Lowest free line of the user, from 1. */
  appearance: number;
  inConference: boolean;
  /** Milliseconds since 1970, UTC; so are the other times. */
  startTime: number;
  answerTime?: number;
  /** Since when the user holds the call; absent while the user does not. */
  heldTime?: number;
  releaseTime?: number;
  releaseCause?: ReleaseCause;
  /** Whether any of the call was recorded. */
  recorded: boolean;
  /** The owner's when the call began. */
  recordingMode: RecordingMode;
  /** Absent while nothing is recorded and nothing is to be. */
  recordingState?: RecordingState;
  /** 1 when stored first, one more with every change; the optimistic lock. */
  version: number;
}

export type Personality = 'Click-to-Dial' | 'Originator' | 'Terminator';

/** `Both Held` is ours: held by the user and by the remote party. The wire shows it as `Held`. */
export type CallState =
  'Alerting' | 'Answered' | 'Active' | 'Held' | 'Remote Held' | 'Both Held' | 'Detached' | 'Released';

/** `Pending`: asked for while the call is held. `Failed` is final. */
export type RecordingState = 'Pending' | 'Started' | 'Paused' | 'Failed';

export interface RemoteParty {
  /** E.164 where there is one, else the extension. */
  address: string;
  /** `Group` where the remote party is a user of the same group. */
  callType: 'Group' | 'Unknown';
}

/** The user's device that carries the call. */
export interface Endpoint {
  addressOfRecord: string;
}

export const RELEASE_CAUSES = [
  'normal',
  'busy',
  'noAnswer',
  'declined',
  'unreachable',
  'notInService',
  'canceled',
  'answeredElsewhere',
  'transferred',
  'retrieved',
  'sessionExpired',
  'mediaRefused',
  'engineFailure',
  'serviceRestart',
] as const;
export type ReleaseCause = (typeof RELEASE_CAUSES)[number];
