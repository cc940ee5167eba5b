import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { after } from '../after.ts';
import { Refused } from '../errors.ts';
import type { Faults } from '../faults.ts';
import { type ChannelEnd, channelOpened, channelTerminated, heartBeat } from './event-xml.ts';
import { Stream } from './stream.ts';

/** Assumption: so many events without an acknowledgement, the oldest of them so long, end a channel. */
const MAX_UNACKNOWLEDGED = 10;
const HEARTBEAT_MS = 15_000;
const MAX_EXPIRES_SECONDS = 3600;

export interface Channel {
  id: string;
  setId: string;
  expiresSeconds: number;
  stream: Stream;
  expiry: NodeJS.Timeout;
  beat: NodeJS.Timeout;
  /** When each event was sent, by its id; the oldest first. */
  unacknowledged: Map<string, number>;
}

/** The open streams. Facts: Xsi-Events, "Channel". */
export class Channels {
  private readonly byId = new Map<string, Channel>();
  private readonly bySet = new Map<string, Channel>();
  private readonly faults: Faults;
  private readonly ackTimeoutMs: number;

  constructor(faults: Faults, ackTimeoutMs: number) {
    this.faults = faults;
    this.ackTimeoutMs = ackTimeoutMs;
  }

  get all(): object[] {
    return [...this.byId.values()].map(({ id, setId, unacknowledged }) => ({
      channelId: id,
      channelSetId: setId,
      unacknowledged: unacknowledged.size,
    }));
  }

  of(channelSetId: string): Channel | undefined {
    return this.bySet.get(channelSetId);
  }

  /** Assumption: the newest channel of a set takes over, and the one before it is ended. */
  open(setId: string, expires: number, response: ServerResponse): void {
    const before = this.bySet.get(setId);
    if (before) this.terminate(before, 'DuplicateChannelSet');
    const id = randomUUID();
    const expiresSeconds = Math.min(expires > 0 ? expires : MAX_EXPIRES_SECONDS, MAX_EXPIRES_SECONDS);
    const stream = new Stream(response, this.faults);
    const beatMs = Math.min(HEARTBEAT_MS, (expiresSeconds * 1000) / 2);
    const channel: Channel = {
      id,
      setId,
      expiresSeconds,
      stream,
      expiry: after(expiresSeconds * 1000, () => this.terminate(channel, 'Expired')),
      beat: setInterval(() => stream.write(heartBeat()), beatMs).unref(),
      unacknowledged: new Map(),
    };
    this.byId.set(id, channel);
    this.bySet.set(setId, channel);
    response.on('close', () => this.forget(channel));
    response.on('error', () => this.forget(channel));
    response.writeHead(200, { 'content-type': 'application/xml; charset=UTF-8' });
    stream.write(channelOpened(id, expiresSeconds));
  }

  /** Facts: Xsi-Events, "401/404 on a heartbeat: open anew". @throws Refused 404 */
  heartbeat(id: string): void {
    const channel = this.find(id);
    clearTimeout(channel.expiry);
    channel.expiry = after(channel.expiresSeconds * 1000, () => this.terminate(channel, 'Expired'));
  }

  /** @throws Refused 404 */
  delete(id: string): void {
    this.terminate(this.find(id), 'ExplicitDelete');
  }

  send(channel: Channel, eventId: string, document: string): void {
    channel.unacknowledged.set(eventId, Date.now());
    channel.stream.event(document);
    if (channel.unacknowledged.size < MAX_UNACKNOWLEDGED) return;
    const [oldest = Date.now()] = channel.unacknowledged.values();
    if (Date.now() - oldest > this.ackTimeoutMs) this.terminate(channel, 'NonResponsiveChannel');
  }

  /** Assumption: an acknowledgement of an unknown event is taken as well. */
  acknowledge(eventId: string): void {
    for (const { unacknowledged } of this.byId.values()) if (unacknowledged.delete(eventId)) return;
  }

  terminate(channel: Channel, reason: ChannelEnd): void {
    this.forget(channel);
    channel.stream.write(channelTerminated(randomUUID(), channel.id, reason));
    channel.stream.end();
  }

  /** Breaks every connection. @returns how many there were */
  cutAll(): number {
    const all = [...this.byId.values()];
    for (const channel of all) {
      this.forget(channel);
      channel.stream.cut();
    }
    return all.length;
  }

  private find(id: string): Channel {
    const channel = this.byId.get(id);
    if (!channel) throw new Refused(404, '110021', 'The channel is not found.');
    return channel;
  }

  private forget(channel: Channel): void {
    clearTimeout(channel.expiry);
    clearInterval(channel.beat);
    this.byId.delete(channel.id);
    if (this.bySet.get(channel.setId) === channel) this.bySet.delete(channel.setId);
  }
}
