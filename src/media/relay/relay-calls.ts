import type { GapReason, RecordingOrder, Side } from '../media.js';
import type { PortRange } from './port-pool.js';

/** The even port of each side. */
export type Ports = Record<Side, number>;

/** Where a party wants its media. */
export interface Endpoint {
  address: string;
  port: number;
  rtcpPort: number;
}

export interface RelayOptions {
  /** The IPv4 address that the parties send to. */
  host: string;
  ports: PortRange;
  recordingsDir: string;
}

export interface RelayCounts {
  bridges: number;
  portPairs: number;
  /** Packets of strangers since the start. */
  dropped: number;
}

/** What the service asks of the thread that relays. */
export interface RelayCalls {
  /** @throws MediaUnavailable when no port of the range can be bound */
  start(): Promise<void>;
  /** @param ports those of the bridge in a former process @throws MediaUnavailable */
  open(bridgeId: string, ports: Ports | undefined): Promise<Ports>;
  connect(bridgeId: string, parties: Partial<Record<Side, Endpoint>>): Promise<void>;
  close(bridgeId: string): Promise<void>;
  startRecording(bridgeId: string, order: RecordingOrder): Promise<void>;
  pauseRecording(bridgeId: string, recordingId: string, reason: GapReason): Promise<void>;
  resumeRecording(bridgeId: string, recordingId: string): Promise<void>;
  stopRecording(bridgeId: string, recordingId: string): Promise<void>;
  finishRecordings(except: ReadonlySet<string>): Promise<void>;
  counts(): Promise<RelayCounts>;
  /** Recordings stay as they are, for another process to carry on with. */
  stop(): Promise<void>;
}

export interface RelayQuestion {
  /** 0: no answer is wanted. */
  id: number;
  call: keyof RelayCalls;
  args: unknown[];
}

export type RelayReport =
  | { id: number; value: unknown }
  | { id: number; error: string; kind: 'media' | 'recording' }
  | { failed: string; bridgeId: string; recordingId: string };
