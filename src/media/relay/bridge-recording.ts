import { RecordingFailed, type GapReason, type RecordingOrder, type Side } from '../media.js';
import { type RecordingFiles, reasonOf } from '../recording/recording-files.js';
import type { RecordingWriter } from '../recording/recording-writer.js';
import { StereoTimeline } from '../recording/stereo-timeline.js';

const WRITE_EVERY_MS = 400;

/** A recording of a bridge, from what its sides send. */
export class BridgeRecording {
  private readonly owner: Side;
  private readonly writer: RecordingWriter;
  private readonly onFailed: (reason: string) => void;
  private readonly timer: NodeJS.Timeout;
  /** Not there while there is a gap. */
  private timeline: StereoTimeline | undefined = new StereoTimeline(performance.now());
  private failure: string | undefined;

  private constructor(writer: RecordingWriter, owner: Side, onFailed: (reason: string) => void) {
    this.writer = writer;
    this.owner = owner;
    this.onFailed = onFailed;
    this.timer = setInterval(() => this.write(this.timeline?.take(performance.now())), WRITE_EVERY_MS);
  }

  /** @param onFailed told once when it fails by itself @throws RecordingFailed */
  static async begin(
    files: RecordingFiles,
    order: RecordingOrder,
    onFailed: (reason: string) => void,
  ): Promise<BridgeRecording> {
    return new BridgeRecording(await files.open(order, Date.now()), order.owner, onFailed);
  }

  hear(side: Side, packet: Buffer): void {
    this.timeline?.add(side === this.owner ? 0 : 1, packet, performance.now());
  }

  /** @throws RecordingFailed */
  pause(reason: GapReason): Promise<void> {
    this.endStretch();
    return this.orFail(this.writer.beginGap(reason, Date.now()));
  }

  /** @throws RecordingFailed */
  resume(): Promise<void> {
    this.timeline ??= new StereoTimeline(performance.now());
    return this.orFail(this.writer.endGap(Date.now()));
  }

  /** @throws RecordingFailed */
  complete(): Promise<void> {
    this.end();
    return this.orFail(this.writer.complete(Date.now()));
  }

  /** @throws RecordingFailed */
  leave(): Promise<void> {
    this.end();
    return this.orFail(this.writer.leave());
  }

  private end(): void {
    this.endStretch();
    clearInterval(this.timer);
  }

  private endStretch(): void {
    this.write(this.timeline?.finish(performance.now()));
    this.timeline = undefined;
  }

  private write(samples: Int16Array | undefined): void {
    if (!samples?.length) return;
    this.writer.append(samples).catch(async (error: unknown) => {
      if (await this.fail(error)) this.onFailed(reasonOf(error));
    });
  }

  private async orFail(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      await this.fail(error);
      throw new RecordingFailed(this.failure);
    }
  }

  /** @returns whether this is the first that is known of it */
  private async fail(error: unknown): Promise<boolean> {
    if (this.failure !== undefined) return false;
    this.failure = reasonOf(error);
    this.timeline = undefined;
    clearInterval(this.timer);
    await this.writer.fail();
    return true;
  }
}
