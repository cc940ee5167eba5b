import type { StepRecorder } from '../../calls/application/call-engine.js';
import type { DigestAlgorithm } from '../../sip/digest.js';
import type { SipStack } from '../../sip/sip-stack.js';
import type { SipCounts, SipTimers, Target } from '../../sip/stack.js';
import type { SipTraffic } from '../../sip/traffic.js';

export interface SipEngineSettings {
  /** Address and port of the SIP listener; port 0 picks a free one. */
  host: string;
  port: number;
  /** How long a device or a called party rings. */
  ringTimeoutMs: number;
  /** How long the target of a transfer rings. */
  transferTimeoutMs: number;
  /** How long the other devices of a user ring to take a call over. */
  retrieveTimeoutMs: number;
  /** How long a command waits for the phone's answer. */
  commandTimeoutMs: number;
  /** RFC 4028 session interval. */
  sessionExpiresSeconds: number;
  /** Where numbers outside the directory go. */
  trunk?: Target;
  /** RFC 3261 timers, for tests. */
  timers?: Partial<SipTimers>;
  /** Key of the digest nonces; replicas share it. */
  nonceSecret: string;
  /** Offered to phones, the preferred one first. */
  digestAlgorithms: DigestAlgorithm[];
}

/** What the engine counts; only read by others. */
export interface SipFigures {
  traffic: SipTraffic;
  counts: SipCounts;
  /** Contacts of phones that have not expired. */
  registrations: number;
  /** Sessions that this process serves. */
  sessions: number;
}

/** What the parts of the engine share. */
export interface SipServices {
  stack: SipStack;
  settings: SipEngineSettings;
  recorder: StepRecorder;
}
