import type { ChannelTiming } from './channel-timing.js';
import type { EventRequests } from './event-requests.js';
import type { SwitchEvent } from './switch-event.js';
import { type SubscriptionNews, UserSubscription } from './user-subscription.js';

/** Requests at a time, however many users there are. */
const AT_ONCE = 16;

/** Keeps each user subscribed to, while a channel is open. */
export class Subscriptions {
  /** By user id in small letters; also those that are to end. */
  private readonly all = new Map<string, UserSubscription>();
  private readonly wanted = new Set<string>();
  /** Users something is to be done for, in this order. */
  private readonly due = new Set<string>();
  private readonly underWay = new Set<string>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly unsettled = new Set<string>();
  private open = false;

  constructor(
    private readonly requests: EventRequests,
    private readonly timing: ChannelTiming,
    private readonly news: Omit<SubscriptionNews, 'changed'> & { changed(): void },
  ) {}

  /** How many users there are. */
  get size(): number {
    return this.wanted.size;
  }

  /** Whether each user is subscribed to. */
  get settled(): boolean {
    return this.open && this.unsettled.size === 0;
  }

  /** The users whom the switch refuses to tell of, with the reasons. */
  get refused(): { user: string; reason: Error }[] {
    return [...this.all.values()].flatMap(({ user, refusal }) =>
      refusal ? [{ user, reason: refusal }] : [],
    );
  }

  /** Subscribes to those that are new, and no longer to those that are not among them. */
  setUsers(users: string[]): void {
    const before = new Set(this.wanted);
    this.wanted.clear();
    for (const user of users) {
      const key = user.toLowerCase();
      this.wanted.add(key);
      const subscription = this.all.get(key) ?? this.begin(key, user);
      if (!before.delete(key)) this.doSoon(key);
      if (!subscription.settled) this.unsettled.add(key);
    }
    for (const key of before) {
      this.unsettled.delete(key);
      this.doSoon(key);
    }
    this.news.changed();
  }

  /** A channel is open: makes sure of each subscription, since they outlive channels, or not. */
  connected(): void {
    this.open = true;
    for (const [key, subscription] of this.all) {
      subscription.unsettle(false);
      this.doSoon(key);
    }
    this.news.changed();
  }

  /** Nothing is asked for until the next channel is open. */
  disconnected(): void {
    this.open = false;
    this.due.clear();
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  /** The subscription that an event belongs to. Undefined: of a user, or by a subscription, that is not ours now. */
  of({ subscriptionId, target }: SwitchEvent): UserSubscription | undefined {
    const key = target?.toLowerCase() ?? '';
    const subscription =
      this.all.get(key) ?? [...this.all.values()].find(({ id }) => id !== undefined && id === subscriptionId);
    if (!subscription || !this.wanted.has(subscription.user.toLowerCase())) return undefined;
    const matches = subscription.matches(subscriptionId);
    if (matches === 'newly') this.doSoon(subscription.user.toLowerCase());
    return matches === 'no' ? undefined : subscription;
  }

  /** The switch has ended it. */
  ended(subscription: UserSubscription): void {
    subscription.unsettle(true);
    this.doSoon(subscription.user.toLowerCase());
  }

  private begin(key: string, user: string): UserSubscription {
    const { failed, doubt } = this.news;
    const changed = ({ settled }: UserSubscription) => {
      if (settled || !this.wanted.has(key)) this.unsettled.delete(key);
      else this.unsettled.add(key);
      this.news.changed();
    };
    const subscription = new UserSubscription(user, this.requests, this.timing, { changed, failed, doubt });
    this.all.set(key, subscription);
    return subscription;
  }

  private doSoon(key: string): void {
    if (!this.open) return;
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    this.due.add(key);
    this.work();
  }

  private doLater(key: string, ms: number): void {
    if (!this.open || this.due.has(key)) return;
    this.timers.set(key, setTimeout(() => this.doSoon(key), ms).unref());
  }

  private work(): void {
    for (const key of this.due) {
      if (this.underWay.size >= AT_ONCE) return;
      if (this.underWay.has(key)) continue;
      this.due.delete(key);
      this.underWay.add(key);
      void this.renew(key).finally(() => {
        this.underWay.delete(key);
        this.work();
      });
    }
  }

  /** Never throws. */
  private async renew(key: string): Promise<void> {
    const subscription = this.all.get(key);
    if (!subscription) return;
    if (this.wanted.has(key)) return this.doLater(key, await subscription.renew());
    this.all.delete(key);
    // Where it fails it expires, and its events are nobody's.
    await subscription.end().catch(() => undefined);
  }
}
