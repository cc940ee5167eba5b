import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { RecordingFailed, type Side } from '../media.js';
import { reasonOf } from '../recording/recording-files.js';
import { CallStreams } from './call-streams.js';
import { type NgDictionary, NgSilence } from './ng-client.js';
import { type CapturedDatagram, PcapReader } from './pcap.js';
import type { Spool } from './spool.js';

/** Read at once, so that others get their turn: some 300 packets. */
const PIECE_BYTES = 64 * 1024;
/** rtpengine writes when it has 4096 bytes: after so many more, something must be in the file. */
const SURELY_WRITTEN_BYTES = 8_192;
/** How long the first bytes may take, when packets flow; and until it is known that none flow. */
const FIRST_BYTES_MS = 1_500;
const NO_PACKETS_MS = 400;
/** How long a file may rest before rtpengine is asked whether packets flow. */
const REST_MS = 2_000;
/** How long rtpengine may give no answer while nothing comes. */
const SILENT_MS = 10_000;
/** Between two questions about streams that are not known: a stranger may send as much as it likes. */
const ASK_AGAIN_MS = 200;
const LOOK_MS = 50;
/** Packets that flow are in the file after so long. */
const UNWRITTEN_MS = 1_000;
/** Beyond it nothing would be where it belongs. */
const MAX_CLOCK_DIFFERENCE_MS = 5_000;

/** Asks the call's rtpengine. @throws NgSilence, NgRefusal */
export type Ask = (command: string) => Promise<NgDictionary>;

/** What is captured, where, and who is told. */
export interface CaptureOrder {
  callId: string;
  spool: Spool;
  ask: Ask;
  /** See RtpengineOptions. */
  learnSources: boolean;
  onAudio: OnAudio;
}

type OnAudio = (side: Side, rtp: Buffer, atMs: number) => Promise<void>;

/** The file into which rtpengine captures one call, read as it grows. One method at a time. */
export class Capture {
  /** When rtpengine had begun it. */
  readonly begunAtMs = Date.now();
  /** When the last packet in the file came. */
  lastPacketMs = this.begunAtMs;
  private readonly file: FileHandle;
  private readonly ask: Ask;
  private readonly onAudio: OnAudio;
  private readonly reader = new PcapReader();
  private readonly streams: CallStreams;
  private position = 0;
  private askedAtMs = 0;
  private askedForStreamAtMs = 0;
  private grewAtMs = this.begunAtMs;
  /** Bytes of RTP when the file was first seen to rest. */
  private bytesAtRest: number | undefined;

  private constructor(file: FileHandle, { ask, onAudio, learnSources }: CaptureOrder) {
    this.file = file;
    this.ask = ask;
    this.onAudio = onAudio;
    this.streams = new CallStreams(learnSources);
  }

  /** Has a new file begun. Resolves when it is there, and grows if packets flow. @throws RecordingFailed */
  static async begin(order: CaptureOrder): Promise<Capture> {
    const { callId, spool, ask } = order;
    try {
      // What a former process left would go on into the old file.
      await ask('stop recording');
      await spool.forget(callId);
      const old = new Set(await spool.capturesOf(callId));
      await ask('start recording');
      const name = (await spool.capturesOf(callId)).find((each) => !old.has(each));
      if (name === undefined) throw new RecordingFailed('rtpengine has begun no capture file');
      return await Capture.of(await open(spool.pathOf(name)), order);
    } catch (error) {
      await ask('stop recording').catch(() => undefined);
      throw asRecordingFailed(error);
    }
  }

  private static async of(file: FileHandle, order: CaptureOrder): Promise<Capture> {
    try {
      const capture = new Capture(file, order);
      await capture.hasBegun();
      return capture;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Hands on what is new in the file. @throws RecordingFailed, also when it no longer grows though packets flow */
  async follow(): Promise<void> {
    await this.readOn();
    const now = Date.now();
    if (now - Math.max(this.grewAtMs, this.askedAtMs) < REST_MS) return;
    if (!(await this.learn())) {
      if (now - this.grewAtMs < SILENT_MS) return;
      throw new RecordingFailed('rtpengine does not answer');
    }
    this.bytesAtRest ??= this.streams.rtpBytes;
    if (this.streams.rtpBytes - this.bytesAtRest > SURELY_WRITTEN_BYTES)
      throw new RecordingFailed('rtpengine no longer writes its capture file');
  }

  /** Hands on what came until then, also what rtpengine has not yet written. */
  async followUntil(atMs: number): Promise<void> {
    const deadline = performance.now() + UNWRITTEN_MS;
    for (;;) {
      await this.readOn();
      if (this.lastPacketMs >= atMs || performance.now() > deadline) return;
      await delay(LOOK_MS);
    }
  }

  /** Has the file closed, hands on the rest. @throws RecordingFailed */
  async end(): Promise<void> {
    // An instance that is silent or has forgotten the call writes no more that could be read.
    await this.ask('stop recording').catch(() => undefined);
    try {
      await this.readOn();
    } finally {
      await this.file.close();
    }
  }

  private async hasBegun(): Promise<void> {
    await this.learn();
    const before = this.streams.rtpBytes;
    for (;;) {
      await delay(LOOK_MS);
      if ((await this.file.stat()).size > 0) return;
      const waited = Date.now() - this.begunAtMs;
      if (waited < NO_PACKETS_MS) continue;
      await this.learn();
      const came = this.streams.rtpBytes - before;
      if (came === 0) return;
      if (waited < FIRST_BYTES_MS) continue;
      if (came > SURELY_WRITTEN_BYTES) throw new RecordingFailed('rtpengine writes nothing');
      return;
    }
  }

  private async readOn(): Promise<void> {
    try {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      for (;;) {
        const { bytesRead } = await this.file.read(piece, 0, PIECE_BYTES, this.position);
        if (bytesRead === 0) return;
        this.position += bytesRead;
        this.grewAtMs = Date.now();
        this.bytesAtRest = undefined;
        for (const datagram of this.reader.read(piece.subarray(0, bytesRead))) await this.handOn(datagram);
      }
    } catch (error) {
      throw asRecordingFailed(error);
    }
  }

  private async handOn(datagram: CapturedDatagram): Promise<void> {
    const [earliest, latest] = [this.begunAtMs, Date.now()];
    if (
      datagram.atMs < earliest - MAX_CLOCK_DIFFERENCE_MS ||
      datagram.atMs > latest + MAX_CLOCK_DIFFERENCE_MS
    )
      throw new RecordingFailed('the clock of rtpengine differs');
    this.lastPacketMs = datagram.atMs;
    if (this.streams.isRtcp(datagram)) return;
    if (!this.streams.sideOf(datagram) && latest - this.askedForStreamAtMs > ASK_AGAIN_MS) {
      this.askedForStreamAtMs = latest;
      await this.learn();
    }
    const side = this.streams.sideOf(datagram);
    if (side) await this.onAudio(side, datagram.payload, datagram.atMs);
  }

  /** False while the instance is silent. @throws RecordingFailed when it has forgotten the call */
  private async learn(): Promise<boolean> {
    this.askedAtMs = Date.now();
    try {
      this.streams.update(await this.ask('query'));
      return true;
    } catch (error) {
      if (error instanceof NgSilence) return false;
      throw asRecordingFailed(error);
    }
  }
}

function asRecordingFailed(error: unknown): RecordingFailed {
  return error instanceof RecordingFailed ? error : new RecordingFailed(reasonOf(error));
}
