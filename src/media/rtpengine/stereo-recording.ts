import type { Side } from '../media.js';
import type { RecordingWriter } from '../recording/recording-writer.js';
import { StereoTimeline } from '../recording/stereo-timeline.js';

/** Written at once at most, so that a long silence is no large piece. */
const PIECE_MS = 1_000;

/** One recording of a bridge: the audio of its stretches, put in order and handed to its files. */
export class StereoRecording {
  readonly writer: RecordingWriter;
  private readonly owner: Side;
  private stretch: { timeline: StereoTimeline; writtenMs: number; endMs: number } | undefined;

  constructor(writer: RecordingWriter, owner: Side) {
    this.writer = writer;
    this.owner = owner;
  }

  /** Whether a stretch is under way. */
  get runs(): boolean {
    return this.stretch !== undefined;
  }

  begin(atMs: number): void {
    this.stretch = { timeline: new StereoTimeline(atMs), writtenMs: atMs, endMs: Infinity };
  }

  /** What came later does not belong to the stretch; what came earlier may still be added. */
  endAt(atMs: number): void {
    if (this.stretch) this.stretch.endMs = Math.max(atMs, this.stretch.writtenMs);
  }

  /** In the order of arrival. @throws Error of the disk */
  async add(side: Side, rtp: Buffer, atMs: number): Promise<void> {
    if (!this.stretch || atMs > this.stretch.endMs) return;
    await this.writeUntil(atMs);
    this.stretch.timeline.add(side === this.owner ? 0 : 1, rtp, atMs);
  }

  /** Writes the rest of a stretch that has an end. @throws Error of the disk */
  async cut(): Promise<void> {
    const { stretch } = this;
    if (!stretch) return;
    await this.writeUntil(stretch.endMs);
    this.stretch = undefined;
    await this.writer.append(stretch.timeline.finish(stretch.endMs));
  }

  private async writeUntil(atMs: number): Promise<void> {
    const { stretch } = this;
    if (!stretch) return;
    while (atMs - stretch.writtenMs >= PIECE_MS) {
      stretch.writtenMs += PIECE_MS;
      await this.writer.append(stretch.timeline.take(stretch.writtenMs));
    }
  }
}
