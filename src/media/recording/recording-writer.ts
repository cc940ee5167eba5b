import { constants, type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { GapReason } from '../media.js';
import { completeFile } from './complete-file.js';
import {
  endOfAudio,
  isoTime,
  overwriteSidecar,
  type RecordingGap,
  type RecordingSidecar,
  writeSidecar,
} from './recording-sidecar.js';
import { FRAME_BYTES, framesIn, millisecondsOf, SAMPLE_RATE, WAV_HEADER_BYTES, wavHeader } from './wav.js';

/** Bytes that may wait for the disk, two minutes of audio; above it the recording fails instead of growing. */
const MAX_WAITING = 120 * SAMPLE_RATE * FRAME_BYTES;
/** Frames by which the header may be behind the file. */
const HEADER_LAG = SAMPLE_RATE / 2;

/**
 * One recording under way: its WAV file and its sidecar, written in the order of the calls. What was written before a
 * crash can be played. After a call that was refused only `fail` makes sense. Times are milliseconds since 1970.
 */
export class RecordingWriter {
  private readonly folder: string;
  private readonly file: FileHandle;
  private sidecar: RecordingSidecar;
  /** Frames handed in; those in the header. */
  private frames: number;
  private framesInHeader: number;
  private waitingBytes = 0;
  private work: Promise<void> = Promise.resolve();

  private constructor(folder: string, file: FileHandle, sidecar: RecordingSidecar, frames: number) {
    this.folder = folder;
    this.file = file;
    this.sidecar = sidecar;
    this.frames = frames;
    this.framesInHeader = frames;
  }

  static async begin(folder: string, sidecar: RecordingSidecar): Promise<RecordingWriter> {
    await writeSidecar(folder, sidecar);
    const file = await open(join(folder, sidecar.file), 'wx+', 0o600);
    return withHeader(file, new RecordingWriter(folder, file, sidecar, 0), 0);
  }

  /** Goes on at the end of the file that a former process left; the time between is a gap. */
  static async carryOn(folder: string, left: RecordingSidecar, atMs: number): Promise<RecordingWriter> {
    // Created where the former process died before it could.
    const file = await open(join(folder, left.file), constants.O_RDWR | constants.O_CREAT, 0o600);
    const frames = framesIn((await file.stat()).size);
    const interrupted = gapAt('interrupted', frames, endOfAudio(left, frames));
    const gaps = left.gaps.some(lasts) ? left.gaps : [...left.gaps, interrupted];
    const { endedAt: _1, durationMs: _2, bytes: _3, sha256: _4, ...about } = left;
    const sidecar: RecordingSidecar = { ...about, gaps: withGapEnded(gaps, atMs), state: 'recording' };
    await writeSidecar(folder, sidecar);
    return withHeader(file, new RecordingWriter(folder, file, sidecar, frames), frames);
  }

  /** @param samples interleaved, left first */
  append(samples: Int16Array): Promise<void> {
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    if (this.waitingBytes + bytes.length > MAX_WAITING)
      return Promise.reject(new Error('the disk does not keep up'));
    const position = WAV_HEADER_BYTES + this.frames * FRAME_BYTES;
    this.frames += samples.length / 2;
    this.waitingBytes += bytes.length;
    return this.afterwards(async () => {
      await writeWhole(this.file, bytes, position);
      this.waitingBytes -= bytes.length;
      const frames = framesIn(position + bytes.length);
      if (frames - this.framesInHeader < HEADER_LAG) return;
      await this.writeHeader(frames);
    });
  }

  /** What is appended next lies behind the gap. A gap that lasts already ends here. */
  beginGap(reason: GapReason, atMs: number): Promise<void> {
    const gaps = [...withGapEnded(this.sidecar.gaps, atMs), gapAt(reason, this.frames, atMs)];
    return this.change({ ...this.sidecar, gaps });
  }

  endGap(atMs: number): Promise<void> {
    return this.change({ ...this.sidecar, gaps: withGapEnded(this.sidecar.gaps, atMs) });
  }

  /** Closes, hashes and lists the recording. */
  complete(atMs: number): Promise<void> {
    return this.afterwards(async () => {
      await this.file.close();
      await completeFile(this.folder, this.sidecar, atMs);
    });
  }

  /** Closes the file for another process to carry on with. */
  leave(): Promise<void> {
    return this.afterwards(async () => {
      await this.writeHeader(this.frames);
      await this.file.close();
    });
  }

  /** Closes the file and says so in the sidecar where that can be written. Never fails. */
  async fail(): Promise<void> {
    await this.work.catch(nothing);
    const sidecar: RecordingSidecar = { ...this.sidecar, state: 'failed' };
    await this.closeAsFarAsWritten().catch(nothing);
    await writeSidecar(this.folder, sidecar)
      .catch(() => overwriteSidecar(this.folder, sidecar))
      .catch(nothing);
  }

  private async closeAsFarAsWritten(): Promise<void> {
    try {
      await this.writeHeader(framesIn((await this.file.stat()).size));
    } finally {
      await this.file.close();
    }
  }

  private change(sidecar: RecordingSidecar): Promise<void> {
    this.sidecar = sidecar;
    return this.afterwards(() => writeSidecar(this.folder, sidecar));
  }

  private async writeHeader(frames: number): Promise<void> {
    this.framesInHeader = frames;
    await writeWhole(this.file, wavHeader(frames), 0);
  }

  private afterwards(step: () => Promise<void>): Promise<void> {
    this.work = this.work.then(step);
    return this.work;
  }
}

function nothing(): void {}

async function withHeader(
  file: FileHandle,
  writer: RecordingWriter,
  frames: number,
): Promise<RecordingWriter> {
  await writeWhole(file, wavHeader(frames), 0);
  return writer;
}

/** A disk that is nearly full takes a part first. */
async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

function gapAt(reason: GapReason, frames: number, fromMs: number): RecordingGap {
  return { reason, atMs: millisecondsOf(frames), from: isoTime(fromMs) };
}

function lasts({ to }: RecordingGap): boolean {
  return to === undefined;
}

function withGapEnded(gaps: RecordingGap[], atMs: number): RecordingGap[] {
  return gaps.map((gap) => (lasts(gap) ? { ...gap, to: isoTime(atMs) } : gap));
}
