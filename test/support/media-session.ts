import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Media, MediaBridge, RecordingOrder, Side } from '../../src/media/media.js';
import { RtpEndpoint, type RtpEndpointOptions } from './rtp-endpoint.js';

/** Frequencies; SECRET is said by nobody unless a test lets somebody. */
export const [CALLER, CALLEE, THIRD, SECRET] = [440, 700, 1_000, 1_500];
export const TONES = [CALLER, CALLEE, THIRD, SECRET];

type Open = (recordingsDir: string) => Promise<Media>;

/** Two parties of a session, each with a tone of its own, and what leads their audio. */
export class MediaSession {
  readonly folder = mkdtempSync(join(tmpdir(), 'media-'));
  /** What the parties sent last. */
  readonly descriptions = { caller: '', callee: '' };
  /** What each party was told last of the other. */
  readonly seen = { caller: '', callee: '' };
  media!: Media;
  bridge: MediaBridge = { id: randomUUID() };
  caller!: RtpEndpoint;
  callee!: RtpEndpoint;
  private readonly open: Open;
  private readonly endpoints: RtpEndpoint[] = [];

  private constructor(open: Open) {
    this.open = open;
  }

  /** @param open gives an adapter that has been started */
  static async begin(open: Open): Promise<MediaSession> {
    const session = new MediaSession(open);
    session.media = await open(session.folder);
    session.caller = await session.party({ tone: CALLER });
    session.callee = await session.party({ tone: CALLEE });
    return session;
  }

  async end(): Promise<void> {
    for (const endpoint of this.endpoints) await endpoint.close();
    await this.media.close(this.bridge);
    await this.media.stop();
    rmSync(this.folder, { recursive: true });
  }

  async party(options: RtpEndpointOptions): Promise<RtpEndpoint> {
    const endpoint = await RtpEndpoint.open(options);
    this.endpoints.push(endpoint);
    return endpoint;
  }

  /** The offer of one and the answer of the other. */
  async exchange(from: Side = 'caller', offerer = this.caller, answerer = this.callee): Promise<void> {
    const other = from === 'caller' ? 'callee' : 'caller';
    this.descriptions[from] = offerer.describe();
    this.descriptions[other] = answerer.describe();
    this.seen[other] = await this.media.offer(this.bridge, from, this.descriptions[from]);
    answerer.sendTo(this.seen[other]);
    this.seen[from] = await this.media.answer(this.bridge, other, this.descriptions[other]);
    offerer.sendTo(this.seen[from]);
  }

  async hearEachOther(): Promise<void> {
    await this.callee.hears(CALLER, TONES);
    await this.caller.hears(CALLEE, TONES);
  }

  /** Another process takes over, which knows no more than what was stored. */
  async restart(recordingsDir = this.folder): Promise<void> {
    const stored = JSON.stringify(this.bridge);
    await this.media.stop();
    this.bridge = JSON.parse(stored) as MediaBridge;
    this.media = await this.open(recordingsDir);
  }

  /** Both talk for the time, and all that they said has been sent. */
  async talk(milliseconds: number): Promise<void> {
    await delay(milliseconds);
    for (const endpoint of this.endpoints) endpoint.sayWhatIsDue();
    await delay(30);
  }

  /** For how long no party could send, together. */
  get stalledMs(): number {
    return this.endpoints.reduce((sum, { stalledMs }) => sum + stalledMs, 0);
  }

  orderFor(owner: Side, userId: string): RecordingOrder {
    const user = { tenantId: 'foo', groupId: 'foogroup', userId };
    const subject = { callId: 'callhalf-1:0', externalTrackingId: this.bridge.id, owner: user };
    return { id: randomUUID(), owner, subject };
  }
}
