import { setTimeout as delay } from 'node:timers/promises';
import { Media, type MediaBridge, type RecordingOrder } from '../../src/media/media.js';

/** What a media node takes to answer. */
const MEDIA_MS = 2;

/** Passes descriptions on as they are, and knows what is open: bridges, and the recordings on each. */
export class CountingMedia extends Media {
  override readonly canRecord = true;
  private process = 1;
  readonly open = new Map<string, Set<string>>();

  override async start(): Promise<void> {}

  override async stop(): Promise<void> {
    this.open.clear();
    this.process++;
  }

  override async health() {
    return { nodes: 1, answering: 1, recordings: true };
  }

  override async offer(bridge: MediaBridge, _from: unknown, sdp: string): Promise<string> {
    await this.answered();
    this.recordingsOf(bridge);
    return sdp;
  }

  override async answer(bridge: MediaBridge, _from: unknown, sdp: string): Promise<string> {
    await this.answered();
    this.recordingsOf(bridge);
    return sdp;
  }

  override async restore(bridge: MediaBridge): Promise<void> {
    this.recordingsOf(bridge);
  }

  override async close({ id }: MediaBridge): Promise<void> {
    this.open.delete(id);
  }

  override async startRecording(bridge: MediaBridge, { id }: RecordingOrder): Promise<void> {
    this.recordingsOf(bridge).add(id);
  }

  override async pauseRecording(): Promise<void> {}
  override async resumeRecording(): Promise<void> {}

  override async stopRecording(bridge: MediaBridge, recordingId: string): Promise<void> {
    this.open.get(bridge.id)?.delete(recordingId);
  }

  override async finishRecordings(): Promise<void> {}

  /** A process that has been killed meanwhile never hears of it. */
  private async answered(): Promise<void> {
    const { process } = this;
    await delay(MEDIA_MS);
    if (process !== this.process) await new Promise(() => undefined);
  }

  private recordingsOf({ id }: MediaBridge): Set<string> {
    const recordings = this.open.get(id) ?? new Set();
    this.open.set(id, recordings);
    return recordings;
  }
}
