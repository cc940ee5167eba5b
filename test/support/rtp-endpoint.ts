import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { g711Samples } from '../../src/media/recording/g711.js';
import { audioOf } from '../../src/sip/sdp.js';
import { toALaw, toMuLaw } from './g711-encode.js';
import { stretch, tonesHeard } from './tones.js';
import { eventually } from './wait.js';

const RATE = 8_000;
const PACKET_MS = 20;
const PACKET_SAMPLES = (RATE * PACKET_MS) / 1_000;
/** What is listened to for a tone. */
const WINDOW_MS = 300;
const SILENCE_MS = 300;
/** Shorter than what a recorder waits for late audio. */
const STALL_MS = 400;

export interface RtpEndpointOptions {
  /** Hz; without it the endpoint says nothing. */
  tone?: number;
  law?: 'PCMU' | 'PCMA';
  /** Where its descriptions say that it is, if that is not where it is, as behind NAT. */
  describedAs?: { address: string; port: number };
}

/** A party's RTP: says a tone every 20 ms to wherever it was told, and listens. On 127.0.0.1, RTCP on the next port. */
export class RtpEndpoint {
  readonly port: number;
  /** Packets that came, and where from. */
  readonly received: Buffer[] = [];
  readonly rtcpReceived: Buffer[] = [];
  readonly sources = new Set<number>();
  private readonly options: RtpEndpointOptions;
  private tone: number | undefined;
  private readonly rtp: Socket;
  private readonly rtcp: Socket;
  private readonly ssrc = Math.floor(Math.random() * 2 ** 32);
  private readonly timer: NodeJS.Timeout;
  private readonly startedAt = performance.now();
  private samples: number[] = [];
  private lastHeardAt = 0;
  private sent = 0;
  private sentUpTo = performance.now();
  private stalls = 0;
  private target: { address: string; port: number; rtcpPort: number } | undefined;
  private version = 0;

  private constructor(rtp: Socket, rtcp: Socket, options: RtpEndpointOptions) {
    this.rtp = rtp;
    this.rtcp = rtcp;
    this.options = options;
    this.tone = options.tone;
    this.port = rtp.address().port;
    rtp.on('message', (packet, { port }) => this.receive(packet, port));
    rtcp.on('message', (packet) => this.rtcpReceived.push(packet));
    this.timer = setInterval(() => this.sayWhatIsDue(), PACKET_MS / 2);
  }

  static async open(options: RtpEndpointOptions = {}): Promise<RtpEndpoint> {
    for (;;) {
      const rtp = await bound(0);
      const { port } = rtp.address();
      const rtcp = port % 2 === 0 ? await bound(port + 1).catch(() => undefined) : undefined;
      if (rtcp) return new RtpEndpoint(rtp, rtcp, options);
      rtp.close();
    }
  }

  /** An offer or an answer of this party. */
  describe(...attributes: string[]): string {
    const { address, port } = this.options.describedAs ?? { address: '127.0.0.1', port: this.port };
    return [
      'v=0',
      `o=- ${this.port} ${++this.version} IN IP4 127.0.0.1`,
      's=-',
      `c=IN IP4 ${address}`,
      't=0 0',
      `m=audio ${port} RTP/AVP 0 8 101`,
      'a=rtpmap:101 telephone-event/8000',
      ...attributes,
      '',
    ].join('\r\n');
  }

  /** Sends to where the other party's description says. */
  sendTo(sdp: string): void {
    this.target = audioOf(sdp);
  }

  sendNowhere(): void {
    this.target = undefined;
  }

  /** Says another tone from now on. */
  say(tone: number): void {
    this.tone = tone;
  }

  /** Milliseconds for which this process came to send nothing, in stretches longer than anybody waits for audio. */
  get stalledMs(): number {
    return this.stalls;
  }

  /** Sends the packet as it is. */
  sendRaw(packet: Buffer, to: { port: number }): void {
    this.rtp.send(packet, to.port, '127.0.0.1');
  }

  sendRtcp(packet: Buffer): void {
    if (this.target) this.rtcp.send(packet, this.target.rtcpPort, this.target.address);
  }

  /** Resolves when what comes from now on is the tone and no other of these. */
  async hears(tone: number, among: number[] = [tone]): Promise<void> {
    this.samples = [];
    let last: number[] = [];
    await eventually(
      () => {
        if (this.samples.length < (WINDOW_MS * RATE) / 1_000) return undefined;
        last = tonesHeard(this.heard(WINDOW_MS), among);
        return (last.length === 1 && last[0] === tone) || undefined;
      },
      () => `hears no ${tone} Hz but ${last.join(', ') || 'nothing'} (${this.samples.length} samples)`,
    );
  }

  /** Resolves when nothing reaches this party any more. */
  async hearsNothing(): Promise<void> {
    const since = performance.now();
    await eventually(
      () => performance.now() - Math.max(since, this.lastHeardAt) > SILENCE_MS || undefined,
      () => 'still hears something',
    );
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.rtp.close();
    this.rtcp.close();
    await delay(0);
  }

  private heard(milliseconds: number) {
    return stretch({ samples: Int16Array.from(this.samples), rate: RATE }, -milliseconds);
  }

  private receive(packet: Buffer, source: number): void {
    this.received.push(packet);
    this.sources.add(source);
    const decoded = g711Samples(packet[1]! & 0x7f);
    if (!decoded) return;
    this.lastHeardAt = performance.now();
    for (const byte of packet.subarray(12)) this.samples.push(decoded[byte]!);
    if (this.samples.length > 4 * RATE) this.samples.splice(0, this.samples.length - RATE);
  }

  /** Sends everything up to now. */
  sayWhatIsDue(): void {
    const silentMs = performance.now() - this.sentUpTo;
    this.sentUpTo += silentMs;
    if (silentMs > STALL_MS) this.stalls += silentMs;
    const due = Math.floor((performance.now() - this.startedAt) / PACKET_MS);
    for (; this.sent < due; this.sent++) {
      if (this.target && this.tone !== undefined)
        this.rtp.send(this.packet(), this.target.port, this.target.address);
    }
  }

  private packet(): Buffer {
    const { tone = 0 } = this;
    const { law = 'PCMU' } = this.options;
    const packet = Buffer.alloc(12 + PACKET_SAMPLES);
    packet[0] = 0x80;
    packet[1] = law === 'PCMA' ? 8 : 0;
    packet.writeUInt16BE(this.sent & 0xffff, 2);
    packet.writeUInt32BE((this.sent * PACKET_SAMPLES) >>> 0, 4);
    packet.writeUInt32BE(this.ssrc, 8);
    for (let at = 0; at < PACKET_SAMPLES; at++) {
      const time = (this.sent * PACKET_SAMPLES + at) / RATE;
      const sample = Math.round(10_000 * Math.sin(2 * Math.PI * tone * time));
      packet[12 + at] = law === 'PCMA' ? toALaw(sample) : toMuLaw(sample);
    }
    return packet;
  }
}

async function bound(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
