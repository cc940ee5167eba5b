import { randomUUID } from 'node:crypto';
import { after } from '../after.ts';
import type { CallEvent, CallSwitch } from '../calls/call-switch.ts';
import { callXml } from '../calls/call-xml.ts';
import type { CallHalf } from '../calls/session.ts';
import { Refused } from '../errors.ts';
import type { Faults } from '../faults.ts';
import type { SwitchUser } from '../world.ts';
import { leaf } from '../xml.ts';
import type { Channels } from './channels.ts';
import { INSTANCE, PREFIX, subscriptionEvent } from './event-xml.ts';

/** Facts: Xsi-Events, "`sequenceNumber` wraps at 2147483647 to 1". */
const LAST_SEQUENCE_NUMBER = 2_147_483_647;
const MAX_EXPIRES_SECONDS = 86_400;

export interface Subscription {
  id: string;
  user: SwitchUser;
  channelSetId: string;
  applicationId: string;
  expiresSeconds: number;
  expiry: NodeJS.Timeout;
  next: number;
}

/** Who is told of whose calls. Facts: Xsi-Events, "subscriptions outlive channels". */
export class Subscriptions {
  private readonly byId = new Map<string, Subscription>();
  private readonly byUser = new Map<SwitchUser, Set<Subscription>>();
  private readonly calls: CallSwitch;
  private readonly channels: Channels;
  private readonly faults: Faults;
  private first = 1;

  constructor(calls: CallSwitch, channels: Channels, faults: Faults) {
    this.calls = calls;
    this.channels = channels;
    this.faults = faults;
  }

  get all(): object[] {
    return [...this.byId.values()].map(({ id, user, channelSetId, next }) => ({
      subscriptionId: id,
      userId: user.userId,
      channelSetId,
      next,
    }));
  }

  /**
   * Facts: Xsi-Events, "A user subscription starts with `CallSubscriptionEvent`". Assumption: it follows the answer, and a
   * repeated one renews what is there.
   * @throws Refused 409
   */
  subscribe(
    user: SwitchUser,
    wanted: { channelSetId: string; applicationId: string; expires: number },
  ): Subscription {
    const { channelSetId, applicationId, expires } = wanted;
    const own = this.byUser.get(user) ?? new Set();
    this.byUser.set(user, own);
    let subscription = [...own].find(
      (one) => one.channelSetId === channelSetId && one.applicationId === applicationId,
    );
    if (subscription && this.faults.strikes('subscribe409')) {
      throw new Refused(409, '110022', 'The subscription exists already.');
    }
    if (!subscription) {
      subscription = {
        id: randomUUID(),
        user,
        channelSetId,
        applicationId,
        expiresSeconds: 0,
        expiry: after(0, () => undefined),
        next: this.first,
      };
      this.byId.set(subscription.id, subscription);
      own.add(subscription);
    }
    const started = subscription;
    this.prolong(started, expires);
    setImmediate(() => this.present(started, 'CallSubscriptionEvent'));
    return started;
  }

  /** @throws Refused 404 */
  refresh(id: string, expires: number): Subscription {
    const subscription = this.find(id);
    this.prolong(subscription, expires);
    return subscription;
  }

  /** Assumption: a refresh that names the user alone is for the subscription of that channel set. @throws Refused 404 */
  refreshOf(user: SwitchUser, channelSetId: string, expires: number): Subscription {
    const own = [...(this.byUser.get(user) ?? [])].find((one) => one.channelSetId === channelSetId);
    if (!own) throw noSuchSubscription();
    this.prolong(own, expires);
    return own;
  }

  /** @throws Refused 404 */
  unsubscribe(id: string): void {
    this.terminate(this.find(id));
  }

  find(id: string): Subscription {
    const subscription = this.byId.get(id);
    if (!subscription) throw noSuchSubscription();
    return subscription;
  }

  /** The number that the next event of each subscription has. */
  continueAt(next: number): void {
    this.first = next;
    for (const subscription of this.byId.values()) subscription.next = next;
  }

  tell(half: CallHalf, event: CallEvent, reason?: string): void {
    const subscribed = this.byUser.get(half.user);
    if (!subscribed || subscribed.size === 0) return;
    const data = this.callData(half) + leaf(PREFIX, 'reason', reason);
    for (const subscription of subscribed) {
      this.send(subscription, event, data);
      if (this.faults.strikes('resync')) this.present(subscription, 'CallSubscriptionResyncEvent');
      if (this.faults.strikes('subscriptionTerminated')) this.terminate(subscription);
      const channel = this.channels.of(subscription.channelSetId);
      if (channel && this.faults.strikes('channelTerminated')) this.channels.terminate(channel, 'Expired');
    }
  }

  close(): void {
    for (const { expiry } of this.byId.values()) clearTimeout(expiry);
    this.byId.clear();
    this.byUser.clear();
  }

  /** Facts: Xsi-Events, "holding the present calls" and "`CallSubscriptionResyncEvent` carries the calls". */
  private present(subscription: Subscription, type: string): void {
    if (!this.byId.has(subscription.id)) return;
    const calls = this.calls.callsOf(subscription.user);
    const list = calls.map((half) => this.callData(half)).join('');
    const data =
      leaf(PREFIX, 'hookStatus', calls.length > 0 ? 'Off-Hook' : 'On-Hook') +
      (list && `<${PREFIX}calls>${list}</${PREFIX}calls>`);
    this.send(subscription, type, data);
  }

  private callData(half: CallHalf): string {
    return `<${PREFIX}call>${callXml(this.calls, half, PREFIX, INSTANCE)}</${PREFIX}call>`;
  }

  /** Assumption: an event that nobody listens to is lost, and its number with it. */
  private send(subscription: Subscription, type: string, data: string): void {
    const sequenceNumber = subscription.next;
    subscription.next = sequenceNumber >= LAST_SEQUENCE_NUMBER ? 1 : sequenceNumber + 1;
    const channel = this.channels.of(subscription.channelSetId);
    if (!channel) return;
    const eventId = randomUUID();
    const document = subscriptionEvent({
      eventId,
      sequenceNumber,
      userId: subscription.user.userId,
      applicationId: subscription.applicationId,
      subscriptionId: subscription.id,
      channelId: channel.id,
      type,
      data,
    });
    this.channels.send(channel, eventId, document);
  }

  /** Facts: Xsi-Events, "`SubscriptionTerminatedEvent` (empty): subscribe again". */
  private terminate(subscription: Subscription): void {
    clearTimeout(subscription.expiry);
    this.byId.delete(subscription.id);
    this.byUser.get(subscription.user)?.delete(subscription);
    this.send(subscription, 'SubscriptionTerminatedEvent', '');
  }

  private prolong(subscription: Subscription, expires: number): void {
    clearTimeout(subscription.expiry);
    subscription.expiresSeconds = Math.min(expires > 0 ? expires : MAX_EXPIRES_SECONDS, MAX_EXPIRES_SECONDS);
    subscription.expiry = after(subscription.expiresSeconds * 1000, () => this.terminate(subscription));
  }
}

const noSuchSubscription = () => new Refused(404, '110023', 'The subscription is not found.');
