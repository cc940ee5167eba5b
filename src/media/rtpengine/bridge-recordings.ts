import { type GapReason, RecordingFailed, type RecordingOrder, type Side } from '../media.js';
import { reasonOf, type RecordingFiles } from '../recording/recording-files.js';
import { type Ask, Capture } from './capture.js';
import type { Spool } from './spool.js';
import { StereoRecording } from './stereo-recording.js';

const FOLLOW_MS = 250;

/** What the recordings of one bridge stand on. */
export interface RecordingGround {
  callId: string;
  spool: Spool;
  files: RecordingFiles;
  ask: Ask;
  learnSources: boolean;
  onFailed(recordingId: string, reason: string): void;
}

/**
 * The recordings of one bridge. rtpengine captures as long as one of them runs; each takes what is in its own
 * stretches by the times in the capture, so the clocks of both machines must agree. One change at a time; a stretch ends when
 * that was asked for, not when its turn came.
 */
export class BridgeRecordings {
  private readonly ground: RecordingGround;
  private readonly recordings = new Map<string, StereoRecording>();
  private capture: Capture | undefined;
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(ground: RecordingGround) {
    this.ground = ground;
  }

  /** @throws RecordingFailed */
  start(order: RecordingOrder): Promise<void> {
    return this.inTurn(async () => {
      if (this.recordings.has(order.id)) return;
      const atMs = await this.capturing();
      try {
        const recording = new StereoRecording(await this.ground.files.open(order, atMs), order.owner);
        recording.begin(atMs);
        this.recordings.set(order.id, recording);
      } finally {
        await this.endUnusedCapture();
      }
    });
  }

  /** @throws RecordingFailed */
  pause(id: string, reason: GapReason): Promise<void> {
    const atMs = Date.now();
    return this.change(id, async (recording) => {
      await this.cut(recording, atMs);
      await recording.writer.beginGap(reason, atMs);
    });
  }

  /** @throws RecordingFailed */
  resume(id: string): Promise<void> {
    return this.change(id, async (recording) => {
      if (recording.runs) return;
      const atMs = await this.capturing();
      await recording.writer.endGap(atMs);
      recording.begin(atMs);
    });
  }

  /** Never fails. */
  stop(id: string): Promise<void> {
    const atMs = Date.now();
    return this.inTurn(() => this.complete(id, atMs));
  }

  /** Never fails. */
  stopAll(): Promise<void> {
    const atMs = Date.now();
    return this.inTurn(async () => {
      for (const id of this.recordings.keys()) await this.complete(id, atMs);
    });
  }

  /** Leaves them for another process to carry on with. Never fails. */
  leave(): Promise<void> {
    return this.inTurn(async () => {
      const atMs = Date.now();
      for (const [id, recording] of this.recordings) {
        try {
          await this.cut(recording, atMs);
          await recording.writer.leave();
        } catch {
          await recording.writer.fail();
        }
        this.recordings.delete(id);
      }
    });
  }

  get ids(): string[] {
    return [...this.recordings.keys()];
  }

  /** When what is captured from now on begins. @throws RecordingFailed */
  private async capturing(): Promise<number> {
    if (this.capture) return Date.now();
    const onAudio = (side: Side, rtp: Buffer, atMs: number) => this.add(side, rtp, atMs);
    this.capture = await Capture.begin({ ...this.ground, onAudio });
    this.followLater();
    return this.capture.begunAtMs;
  }

  private async complete(id: string, atMs: number): Promise<void> {
    const recording = this.recordings.get(id);
    if (!recording) return;
    try {
      await this.cut(recording, atMs);
      await recording.writer.complete(atMs);
    } catch {
      await recording.writer.fail();
    } finally {
      this.recordings.delete(id);
    }
  }

  /** Ends the stretch with all that came until then. */
  private async cut(recording: StereoRecording, atMs: number): Promise<void> {
    if (!recording.runs) return;
    recording.endAt(atMs);
    if (this.running().length > 1) await this.capture?.followUntil(atMs);
    else await this.endCapture();
    await recording.cut();
  }

  private async change(id: string, step: (recording: StereoRecording) => Promise<void>): Promise<void> {
    await this.inTurn(async () => {
      const recording = this.recordings.get(id);
      if (!recording) throw new RecordingFailed('There is no such recording');
      try {
        await step(recording);
      } catch (error) {
        this.recordings.delete(id);
        await recording.writer.fail();
        throw error instanceof RecordingFailed ? error : new RecordingFailed(reasonOf(error));
      } finally {
        await this.endUnusedCapture();
      }
    });
  }

  private async add(side: Side, rtp: Buffer, atMs: number): Promise<void> {
    for (const [id, recording] of this.running()) {
      await recording.add(side, rtp, atMs).catch((error: unknown) => this.fail(id, reasonOf(error)));
    }
  }

  private followLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.inTurn(() => this.follow()), FOLLOW_MS);
  }

  private async follow(): Promise<void> {
    if (!this.capture) return;
    try {
      await this.capture.follow();
    } catch (error) {
      for (const [id] of this.running()) await this.fail(id, reasonOf(error));
    }
    await this.endUnusedCapture();
    if (this.capture) this.followLater();
  }

  private async fail(id: string, reason: string): Promise<void> {
    const recording = this.recordings.get(id);
    this.recordings.delete(id);
    await recording?.writer.fail();
    this.ground.onFailed(id, reason);
  }

  private running(): [string, StereoRecording][] {
    return [...this.recordings].filter(([, { runs }]) => runs);
  }

  private async endUnusedCapture(): Promise<void> {
    if (this.running().length === 0) await this.endCapture().catch(() => undefined);
  }

  private async endCapture(): Promise<void> {
    const { capture } = this;
    this.capture = undefined;
    clearTimeout(this.timer);
    if (!capture) return;
    try {
      await capture.end();
    } finally {
      await this.ground.spool.forget(this.ground.callId);
    }
  }

  private inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.turn.then(step);
    this.turn = done.catch(() => undefined);
    return done;
  }
}
