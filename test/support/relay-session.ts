import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaBridge } from '../../src/media/media.js';
import { RelayMedia } from '../../src/media/relay/relay-media.js';
import { audioOf } from '../../src/sip/sdp.js';
import { freePorts } from './free-ports.js';
import { RtpEndpoint, type RtpEndpointOptions } from './rtp-endpoint.js';
import { eventually } from './wait.js';

/** An RTP packet of any payload. */
export function rtp(payload: string, payloadType = 0): Buffer {
  const header = Buffer.from([0x80, payloadType, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
  return Buffer.concat([header, Buffer.from(payload)]);
}

/** The payloads that came, once the last of them has. */
export async function payloads(endpoint: RtpEndpoint, last: string): Promise<string[]> {
  const all = () => endpoint.received.map((packet) => packet.subarray(12).toString());
  await eventually(
    () => all().includes(last) || undefined,
    () => `got ${all().join(', ')}, not ${last}`,
  );
  return all();
}

/** Two parties that send single packets through a relay with three pairs of ports. */
export class RelaySession {
  readonly bridge: MediaBridge = { id: randomUUID() };
  readonly media: RelayMedia;
  caller!: RtpEndpoint;
  callee!: RtpEndpoint;
  toCaller = '';
  toCallee = '';
  private readonly folder = mkdtempSync(join(tmpdir(), 'relay-'));
  private readonly endpoints: RtpEndpoint[] = [];

  private constructor(first: number) {
    // The first and the last have no partner.
    const ports = { first: first + 1, last: first + 8 };
    this.media = new RelayMedia({ host: '127.0.0.1', ports, recordingsDir: this.folder });
  }

  static async begin(): Promise<RelaySession> {
    const session = new RelaySession(await freePorts(10));
    await session.media.start();
    session.caller = await session.party();
    session.callee = await session.party();
    return session;
  }

  async end(): Promise<void> {
    for (const endpoint of this.endpoints) await endpoint.close();
    await this.media.stop();
    rmSync(this.folder, { recursive: true });
  }

  async party(options: RtpEndpointOptions = {}): Promise<RtpEndpoint> {
    const endpoint = await RtpEndpoint.open(options);
    this.endpoints.push(endpoint);
    return endpoint;
  }

  async connect(offer = this.caller.describe(), answer = this.callee.describe()): Promise<void> {
    this.toCallee = await this.media.offer(this.bridge, 'caller', offer);
    this.toCaller = await this.media.answer(this.bridge, 'callee', answer);
    // What is asked later is answered later.
    await this.media.counts();
  }

  /** Where the caller, or who plays it, sends to. */
  get callersPort(): { port: number } {
    return audioOf(this.toCaller)!;
  }

  get calleesPort(): { port: number } {
    return audioOf(this.toCallee)!;
  }

  async dropped(): Promise<number> {
    return (await this.media.counts()).dropped;
  }

  /** Resolves when all that the caller has sent so far is dealt with: a stranger's packet comes after it. */
  async dealtWith(): Promise<void> {
    const before = await this.dropped();
    (await this.party()).sendRaw(rtp('injected'), this.callersPort);
    await eventually(
      async () => (await this.dropped()) > before || undefined,
      () => 'the packet of a stranger was not dropped',
    );
  }
}
