import { XsiBadAnswer, XsiUnavailable } from '../xsi/errors.js';
import { textOf, type XmlElement } from '../xsi/xml.js';
import type { XsiClient, XsiMethod, XsiStreamAnswer } from '../xsi/xsi-client.js';

const EVENTS = '/com.broadsoft.xsi-events/v2.0';
/** Only the request whose answer stays open goes here. */
const CHANNEL = '/com.broadsoft.async/com.broadsoft.xsi-events/v2.0/channel';
const APPLICATION = 'call-service';

/** A subscription as the switch has granted it. */
export interface GrantedSubscription {
  id: string;
  /** Milliseconds from now. */
  expiresMs: number;
}

/** The requests of Xsi-Events v2.0 for one channel set. All @throws XsiError */
export class EventRequests {
  /** @param mayAsk false: nothing is sent any more, requests fail with XsiUnavailable */
  constructor(
    private readonly client: XsiClient,
    private readonly channelSetId: string,
    private readonly mayAsk: () => boolean,
  ) {}

  /** The answer goes on for as long as the channel lives. */
  async openChannel(expiresSeconds: number): Promise<XsiStreamAnswer> {
    this.mustBeAllowed();
    const { channelSetId } = this;
    const body = document('Channel', { channelSetId, priority: 1, weight: 50, expires: expiresSeconds });
    return this.client.stream('POST', CHANNEL, { body });
  }

  async heartbeat(channelId: string): Promise<void> {
    await this.request('PUT', `/channel/${encodeURIComponent(channelId)}/heartbeat`);
  }

  /** Tells that an event has come, or the switch holds the channel to be dead. */
  async acknowledge(eventID: string): Promise<void> {
    const body = document('EventResponse', { eventID, statusCode: 200, reason: 'OK' });
    await this.request('POST', '/channel/eventresponse', body);
  }

  async subscribe(switchUserId: string, expires: number): Promise<GrantedSubscription> {
    const { channelSetId } = this;
    const body = document('Subscription', {
      event: 'Advanced Call',
      expires,
      channelSetId,
      applicationId: APPLICATION,
    });
    const root = await this.request('POST', `/user/${encodeURIComponent(switchUserId)}`, body);
    const id = root && textOf(root, 'subscriptionId');
    if (!root || !id) throw new XsiBadAnswer('A subscription without subscriptionId.');
    return { id, expiresMs: lifeIn(root, expires) };
  }

  async refresh(subscriptionId: string, expires: number): Promise<GrantedSubscription> {
    const path = `/subscription/${encodeURIComponent(subscriptionId)}`;
    const root = await this.request('PUT', path, document('Subscription', { expires }));
    return { id: subscriptionId, expiresMs: root ? lifeIn(root, expires) : expires * 1_000 };
  }

  async unsubscribe(subscriptionId: string): Promise<void> {
    await this.request('DELETE', `/subscription/${encodeURIComponent(subscriptionId)}`);
  }

  private async request(method: XsiMethod, path: string, body?: string): Promise<XmlElement | undefined> {
    this.mustBeAllowed();
    const { root } = await this.client.request(
      method,
      `${EVENTS}${path}`,
      body === undefined ? {} : { body },
    );
    return root;
  }

  private mustBeAllowed(): void {
    if (!this.mayAsk()) throw new XsiUnavailable('The channel is no longer ours.', false);
  }
}

/** `expires` of an answer in milliseconds, or what was asked for where there is none or nothing that can be meant. */
export function lifeIn(root: XmlElement, askedSeconds: number): number {
  const seconds = Number(textOf(root, 'expires') ?? askedSeconds);
  return (seconds > 0 && seconds <= 86_400 ? seconds : askedSeconds) * 1_000;
}

function document(name: string, fields: Record<string, string | number>): string {
  const inner = Object.entries(fields).map(
    ([field, value]) => `<${field}>${escaped(String(value))}</${field}>`,
  );
  const root = `<${name} xmlns="http://schema.broadsoft.com/xsi">${inner.join('')}</${name}>`;
  return `<?xml version="1.0" encoding="UTF-8"?>${root}`;
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
