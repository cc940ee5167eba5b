import { request } from 'node:http';
import { eventually } from '../support/wait.js';
import { ADMIN, valueIn, type Wire } from './xsi-wire.js';

const CHANNEL = '/com.broadsoft.async/com.broadsoft.xsi-events/v2.0/channel';
const EVENTS = '/com.broadsoft.xsi-events/v2.0';

/** An open channel, and what has come through it. */
export class EventStream {
  private bytes = Buffer.alloc(0);
  /** How many pieces have come. */
  pieces = 0;
  ended = false;
  private close = () => undefined as void;

  private constructor(
    private readonly wire: Wire,
    readonly setId: string,
  ) {}

  static async open(wire: Wire, setId = 'set-1', expires = 60): Promise<EventStream> {
    const stream = new EventStream(wire, setId);
    const body = `<?xml version="1.0"?><Channel xmlns="http://schema.broadsoft.com/xsi"><channelSetId>${setId}</channelSetId><priority>1</priority><weight>50</weight><expires>${expires}</expires></Channel>`;
    await new Promise<void>((resolve, reject) => {
      const asked = request(wire.url + CHANNEL, { method: 'POST', headers: { authorization: ADMIN } });
      asked.on('error', reject);
      asked.on('response', (response) => {
        expect(response.statusCode).toBe(200);
        response.on('data', (chunk: Buffer) => {
          stream.bytes = Buffer.concat([stream.bytes, chunk]);
          stream.pieces++;
        });
        for (const end of ['end', 'error', 'close']) response.on(end, () => (stream.ended = true));
        resolve();
      });
      asked.end(body);
      stream.close = () => void asked.destroy();
    });
    await stream.document('<Channel ');
    return stream;
  }

  stop(): void {
    this.close();
  }

  get text(): string {
    return this.bytes.toString();
  }

  /** Whole documents, in the order in which they came. */
  get documents(): string[] {
    return this.text.split(/(?=<\?xml )/).filter((text) => /<\/(?:\w+:)?\w+>$|\/>$/.test(text.trimEnd()));
  }

  get events(): string[] {
    return this.documents.filter((text) => text.includes('SubscriptionEvent"'));
  }

  /** Types of the events, such as `CallAnsweredEvent`. */
  get types(): string[] {
    return this.events.map((text) => /eventData xsi1:type="xsi:(\w+)"/.exec(text)?.[1] ?? '');
  }

  get numbers(): number[] {
    return this.events.map((text) => Number(valueIn(text, 'sequenceNumber')));
  }

  get channelId(): string {
    return valueIn(this.text, 'channelId') ?? '';
  }

  /** The first document with the text in it. */
  document(part: string): Promise<string> {
    return eventually(
      () => this.documents.find((text) => text.includes(part)),
      () => `no ${part} in ${this.text}`,
      5,
      5_000,
    );
  }

  async done(): Promise<void> {
    await eventually(
      () => this.ended || undefined,
      () => 'the stream does not end',
      5,
      5_000,
    );
  }

  /** @returns the subscription's id */
  async subscribe(userId: string, expires = 60): Promise<string> {
    const answer = await subscribe(this.wire, userId, this.setId, expires);
    expect(answer.status).toBe(200);
    return valueIn(answer.body, 'subscriptionId') ?? '';
  }

  async acknowledgeAll(): Promise<void> {
    for (const text of this.events) {
      const body = `<EventResponse xmlns="http://schema.broadsoft.com/xsi"><eventID>${valueIn(text, 'eventID')}</eventID><statusCode>200</statusCode><reason>OK</reason></EventResponse>`;
      expect((await this.wire.ask('POST', `${EVENTS}/channel/eventresponse`, body)).status).toBe(200);
    }
  }

  heartbeat(id = this.channelId): Promise<{ status: number }> {
    return this.wire.ask('PUT', `${EVENTS}/channel/${id}/heartbeat`);
  }
}

export function subscribe(wire: Wire, userId: string, setId: string, expires = 60, event = 'Advanced Call') {
  const body = `<xsi:Subscription xmlns:xsi="http://schema.broadsoft.com/xsi"><xsi:event>${event}</xsi:event><xsi:expires>${expires}</xsi:expires><xsi:channelSetId>${setId}</xsi:channelSetId><xsi:applicationId>test</xsi:applicationId></xsi:Subscription>`;
  return wire.ask('POST', `${EVENTS}/user/${userId}`, body);
}
