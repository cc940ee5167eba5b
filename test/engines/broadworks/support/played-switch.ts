import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ClusterSettings, XsiClient } from '../../../../src/engines/broadworks/xsi/xsi-client.js';

const ROUTES = {
  open: /^POST \/com\.broadsoft\.async\/com\.broadsoft\.xsi-events\/v2\.0\/channel$/,
  heartbeat: /^PUT \/com\.broadsoft\.xsi-events\/v2\.0\/channel\/([^/]+)\/heartbeat$/,
  acknowledge: /^POST \/com\.broadsoft\.xsi-events\/v2\.0\/channel\/eventresponse$/,
  subscribe: /^POST \/com\.broadsoft\.xsi-events\/v2\.0\/user\/([^/]+)$/,
  refresh: /^PUT \/com\.broadsoft\.xsi-events\/v2\.0\/subscription\/([^/]+)$/,
  unsubscribe: /^DELETE \/com\.broadsoft\.xsi-events\/v2\.0\/subscription\/([^/]+)$/,
};
type Kind = keyof typeof ROUTES;

interface AskedRequest {
  kind: Kind;
  /** The user, channel or subscription that it is about; of an acknowledgement the event. */
  about: string;
  body: string;
  /** `performance.now()` */
  at: number;
}

/** What a test says about an event; the rest is made up. */
export interface PlayedEvent {
  type?: string;
  /** XML of the `call` elements. */
  calls?: string[];
  sequence?: number;
  eventId?: string;
  subscriptionId?: string;
  reason?: string;
}

const NAMES = `xmlns:xsi="http://schema.broadsoft.com/xsi" xmlns:xsi1="http://www.w3.org/2001/XMLSchema-instance"`;
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
const inner = (body: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1] ?? '';

/** The event interface of a switch that does exactly what a test says. */
export class PlayedSwitch {
  readonly requests: AskedRequest[] = [];
  /** Of each kind: the status that a request gets instead of 200, or undefined. */
  readonly answers: {
    [K in Kind]?: (request: AskedRequest) => number | undefined | Promise<number | undefined>;
  } = {};
  /** Seconds. */
  channelExpires = 60;
  subscriptionExpires = 3_600;
  /** Whether new subscriptions begin with their calls. */
  snapshots = true;
  /** Whether heartbeats are heard on the stream. */
  beats = true;
  /** So many next channels open without a word. */
  mute = 0;
  /** How many requests, the channel aside, were under way at once. */
  mostAtOnce = 0;
  private atOnce = 0;
  private streams: ServerResponse[] = [];
  private readonly subscriptions = new Map<string, { id: string; sequence: number }>();
  private ids = 0;
  private readonly clients: XsiClient[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.receive(request, response));
  }

  static async open(port = 0): Promise<PlayedSwitch> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return new PlayedSwitch(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Of one replica. */
  client(settings: Partial<ClusterSettings> = {}): XsiClient {
    const client = new XsiClient({
      id: 'east',
      url: `http://127.0.0.1:${this.port}`,
      username: 'admin',
      password: 'secret',
      timeoutMs: 2_000,
      maxConcurrent: 64,
      ...settings,
    });
    this.clients.push(client);
    return client;
  }

  asked(kind: Kind): AskedRequest[] {
    return this.requests.filter((request) => request.kind === kind);
  }

  /** What the requests of the kind were about, in their order. */
  about(kind: Kind): string[] {
    return this.asked(kind).map(({ about }) => about);
  }

  get channels(): number {
    return this.streams.length;
  }

  /** Bytes on the stream that is open. */
  send(bytes: string | Buffer): void {
    this.streams.at(-1)?.write(bytes);
  }

  /** An event of the user on the stream, in order where the test says nothing else. */
  tell(user: string, event: PlayedEvent = {}): void {
    this.send(this.event(user, event));
  }

  event(user: string, { type = 'CallUpdatedEvent', calls = [], reason, ...given }: PlayedEvent = {}): string {
    const subscription = this.subscriptions.get(user);
    const sequence = given.sequence ?? (subscription ? subscription.sequence++ : 1);
    const eventId = given.eventId ?? `event-${++this.ids}`;
    const list = type.startsWith('CallSubscription')
      ? `<xsi:calls>${calls.join('')}</xsi:calls>`
      : calls.join('');
    const why = reason === undefined ? '' : `<xsi:reason>${reason}</xsi:reason>`;
    return (
      `${HEAD}<xsi:Event xsi1:type="xsi:SubscriptionEvent" ${NAMES}><xsi:eventID>${eventId}</xsi:eventID>` +
      `<xsi:sequenceNumber>${sequence}</xsi:sequenceNumber><xsi:userId>${user}</xsi:userId>` +
      `<xsi:subscriptionId>${given.subscriptionId ?? subscription?.id ?? 'none'}</xsi:subscriptionId>` +
      `<xsi:targetId>${user}</xsi:targetId>` +
      `<xsi:eventData xsi1:type="xsi:${type}">${list}${why}</xsi:eventData></xsi:Event>`
    );
  }

  /** The number that the next event of the user has. */
  count(user: string, sequence: number): void {
    const subscription = this.subscriptions.get(user);
    if (subscription) subscription.sequence = sequence;
  }

  idOf(user: string): string | undefined {
    return this.subscriptions.get(user)?.id;
  }

  terminateChannel(reason: string, channelId = `channel-${this.asked('open').length}`): void {
    this.send(
      `${HEAD}<xsi:Event xsi1:type="xsi:ChannelTerminatedEvent" ${NAMES}><xsi:eventID>terminated</xsi:eventID>` +
        `<xsi:channelId>${channelId}</xsi:channelId><xsi:reason>${reason}</xsi:reason></xsi:Event>`,
    );
  }

  cut(): void {
    for (const stream of this.streams) stream.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await Promise.all(this.clients.map((client) => client.close()));
    await this.goDown();
  }

  /** Nothing listens any more. */
  async goDown(): Promise<void> {
    await new Promise((resolve) => {
      this.server.close(resolve);
      this.server.closeAllConnections();
    });
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method} ${request.url}`;
    const [kind, route] = Object.entries(ROUTES).find(([, each]) => each.test(line)) ?? [];
    if (!kind || !route) return void response.writeHead(404).end();
    const body = await text(request);
    const named = decodeURIComponent(route.exec(line)?.[1] ?? '');
    const about = kind === 'acknowledge' ? inner(body, 'eventID') : named;
    const asked = { kind: kind as Kind, about, body, at: performance.now() };
    this.requests.push(asked);
    if (asked.kind !== 'open') this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    const status = (await this.answers[asked.kind]?.(asked)) ?? 200;
    if (asked.kind !== 'open') this.atOnce--;
    response.writeHead(status, { 'content-type': 'application/xml; charset=UTF-8' });
    if (status === 200) this.grant(asked, response);
    else response.end();
  }

  private grant({ kind, about }: AskedRequest, response: ServerResponse): void {
    if (kind === 'open') return this.begin(response);
    if (kind === 'heartbeat' && this.beats)
      this.send(`${HEAD}<ChannelHeartBeat xmlns="http://schema.broadsoft.com/xsi"/>`);
    if (kind !== 'subscribe' && kind !== 'refresh') return void response.end();
    const id = kind === 'refresh' ? about : `subscription-${++this.ids}`;
    response.end(
      `${HEAD}<Subscription xmlns="http://schema.broadsoft.com/xsi"><subscriptionId>${id}</subscriptionId>` +
        `<expires>${this.subscriptionExpires}</expires></Subscription>`,
    );
    if (kind === 'refresh') return;
    this.subscriptions.set(about, { id, sequence: 1 });
    if (this.snapshots) this.tell(about, { type: 'CallSubscriptionEvent' });
  }

  private begin(response: ServerResponse): void {
    this.streams.push(response);
    response.on('close', () => {
      this.streams = this.streams.filter((each) => each !== response);
    });
    response.flushHeaders();
    if (this.mute-- > 0) return;
    response.write(
      `${HEAD}<Channel xmlns="http://schema.broadsoft.com/xsi"><channelId>channel-${this.asked('open').length}</channelId>` +
        `<expires>${this.channelExpires}</expires></Channel>`,
    );
  }
}

/** A `call` as the switch writes it. */
export function callXml(callId: string, state = 'Active', name = 'call'): string {
  return (
    `<xsi:${name}><xsi:callId>${callId}</xsi:callId><xsi:extTrackingId>track-${callId}</xsi:extTrackingId>` +
    `<xsi:personality>Originator</xsi:personality><xsi:state>${state}</xsi:state></xsi:${name}>`
  );
}
