import { g711Samples } from './g711.js';
import { SAMPLE_RATE } from './wav.js';

/** 0: left, 1: right. */
export type Channel = 0 | 1;

/** Packets that come so much later than they should still find their place: a phone on a bad network, a busy machine. */
const REORDER_MS = 500;
const FRAMES_PER_MS = SAMPLE_RATE / 1_000;
/** A timestamp that is farther than this from the time of arrival begins a new count. */
const MAX_JUMP = REORDER_MS * FRAMES_PER_MS;

interface Anchor {
  ssrc: number;
  timestamp: number;
  /** The frame where the payload of that timestamp begins. */
  frame: number;
}

/**
 * One uninterrupted stretch of a recording: puts the G.711 payloads of two RTP streams where they belong in time.
 * The first packet of a stream ends at its arrival, later ones lie relative to it by their timestamps. What is lost
 * or of another payload type is silence, what comes too late is left out. Times are milliseconds of any one clock;
 * they may come from a capture file.
 */
export class StereoTimeline {
  private readonly startMs: number;
  private readonly anchors: (Anchor | undefined)[] = [];
  /** Frames handed out. */
  private taken = 0;
  /** Interleaved, from the frame `taken` on. */
  private samples = new Int16Array(2 * SAMPLE_RATE);

  constructor(startMs: number) {
    this.startMs = startMs;
  }

  /** @param packet a whole RTP packet; others are ignored */
  add(channel: Channel, packet: Buffer, atMs: number): void {
    if (packet.length < 12 || packet[0]! >> 6 !== 2) return;
    const decoded = g711Samples(packet[1]! & 0x7f);
    if (!decoded) return;
    const begin = payloadBegin(packet);
    const length = payloadEnd(packet) - begin;
    if (length <= 0) return;
    const frame = this.frameOf(channel, packet, this.frameAt(atMs) - length) - this.taken;
    this.makeRoom(frame + length);
    for (let at = Math.max(0, -frame); at < length; at++) {
      this.samples[2 * (frame + at) + channel] = decoded[packet[begin + at]!]!;
    }
  }

  /** The samples, interleaved, to which nothing can be added any more. */
  take(nowMs: number): Int16Array {
    return this.cut(this.frameAt(nowMs - REORDER_MS));
  }

  /** All the rest, up to this moment. */
  finish(nowMs: number): Int16Array {
    return this.cut(this.frameAt(nowMs));
  }

  private frameAt(ms: number): number {
    return Math.round((ms - this.startMs) * FRAMES_PER_MS);
  }

  private frameOf(channel: Channel, packet: Buffer, byArrival: number): number {
    const timestamp = packet.readUInt32BE(4);
    const ssrc = packet.readUInt32BE(8);
    const anchor = this.anchors[channel];
    if (anchor?.ssrc === ssrc) {
      // `| 0`: timestamps wrap around.
      const frame = anchor.frame + ((timestamp - anchor.timestamp) | 0);
      if (Math.abs(frame - byArrival) <= MAX_JUMP) return frame;
    }
    this.anchors[channel] = { ssrc, timestamp, frame: byArrival };
    return byArrival;
  }

  private makeRoom(frames: number): void {
    if (2 * frames <= this.samples.length) return;
    const larger = new Int16Array(4 * frames);
    larger.set(this.samples);
    this.samples = larger;
  }

  private cut(untilFrame: number): Int16Array {
    const count = 2 * Math.max(0, untilFrame - this.taken);
    const cut = new Int16Array(count);
    const held = Math.min(count, this.samples.length);
    cut.set(this.samples.subarray(0, held));
    this.samples.copyWithin(0, held);
    this.samples.fill(0, this.samples.length - held);
    this.taken += count / 2;
    return cut;
  }
}

/** After the fixed header, the contributing sources and the extension (RFC 3550 §5.1, §5.3.1). */
function payloadBegin(packet: Buffer): number {
  const fixed = 12 + 4 * (packet[0]! & 0x0f);
  if (!(packet[0]! & 0x10)) return fixed;
  return packet.length < fixed + 4 ? packet.length : fixed + 4 + 4 * packet.readUInt16BE(fixed + 2);
}

/** Before the padding (RFC 3550 §5.1). */
function payloadEnd(packet: Buffer): number {
  return packet[0]! & 0x20 ? packet.length - packet.at(-1)! : packet.length;
}
