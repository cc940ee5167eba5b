import { XsiRefused } from '../xsi/errors.js';
import { Backoff } from './backoff.js';
import type { ChannelTiming } from './channel-timing.js';
import type { EventRequests, GrantedSubscription } from './event-requests.js';
import { SequenceCheck } from './sequence-check.js';

/** Refusals that say nothing of the user: credentials, and a switch that has too much to do. */
const FOR_NOW = new Set([401, 408, 429]);
const THERE_ALREADY = 409;

/** What comes of a subscription. */
export interface SubscriptionNews {
  /** It is settled now, or no longer. */
  changed(subscription: UserSubscription): void;
  /** It did not succeed, and is tried again. */
  failed(reason: Error): void;
  /** The user is not, or not surely, told of: resolves when the switch has been asked, or could not be. */
  doubt(user: string): Promise<void>;
}

/** The subscription to the calls of one user (Xsi-Events, `Advanced Call`). */
export class UserSubscription {
  /** Undefined while there is none, or one of which only the switch knows the id. */
  id: string | undefined;
  sequence = new SequenceCheck();
  /** It is there and its calls have come, or the switch has refused it for good. */
  settled = false;
  /** Why the switch refuses it. */
  refusal: Error | undefined;
  private expiresAt = 0;
  /** Whether the calls have come since it was asked for. */
  private told = false;
  /** The switch has one, of a former holder of the channel: its id comes with its first event. */
  private thereAlready = false;
  private waiting: NodeJS.Timeout | undefined;
  /** Which settling is under way: a later one takes its place. */
  private round = 0;
  private readonly backoff: Backoff;

  constructor(
    readonly user: string,
    private readonly requests: EventRequests,
    private readonly timing: ChannelTiming,
    private readonly news: SubscriptionNews,
  ) {
    this.backoff = new Backoff(timing.firstPauseMs, timing.longestPauseMs);
  }

  /** Whether an event with this subscription's id is about it; takes an id that is not known yet. */
  matches(id: string | undefined): 'yes' | 'no' | 'newly' {
    if (this.id !== undefined || id === undefined) return this.id === id || id === undefined ? 'yes' : 'no';
    if (!this.thereAlready) return 'yes';
    this.id = id;
    return 'newly';
  }

  /** Subscribes or refreshes. @returns milliseconds after which it is to be done again */
  async renew(): Promise<number> {
    try {
      const { id } = this;
      const granted = await (id === undefined ? this.subscribe() : this.refresh(id));
      this.refusal = undefined;
      this.backoff.reset();
      this.expiresAt = performance.now() + granted.expiresMs;
      return granted.expiresMs / 2;
    } catch (error) {
      return this.failed(error as Error);
    }
  }

  /** The switch has told the user's calls. */
  snapshot(): void {
    this.told = true;
    if (this.waiting) this.settle();
  }

  /** It has ended, or is to be made sure of. */
  unsettle(ended: boolean): void {
    this.stopWaiting();
    if (ended) this.id = undefined;
    this.settled = false;
    this.news.changed(this);
  }

  async end(): Promise<void> {
    this.stopWaiting();
    if (this.id !== undefined) await this.requests.unsubscribe(this.id);
  }

  private async subscribe(): Promise<GrantedSubscription> {
    this.told = false;
    this.sequence = new SequenceCheck();
    const granted = await this.requests.subscribe(this.user, this.timing.subscriptionExpiresSeconds);
    this.id = granted.id;
    this.thereAlready = false;
    if (this.told) this.settle();
    else this.waiting = setTimeout(() => void this.settleByAsking(), this.timing.snapshotWaitMs).unref();
    return granted;
  }

  private async refresh(id: string): Promise<GrantedSubscription> {
    const granted = await this.requests.refresh(id, this.timing.subscriptionExpiresSeconds);
    if (!this.waiting) this.settle();
    return granted;
  }

  /** What the switch does not tell is asked for first. */
  private async settleByAsking(): Promise<void> {
    const round = ++this.round;
    await this.news.doubt(this.user);
    if (round === this.round) this.settle();
  }

  private stopWaiting(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.round++;
  }

  private settle(): void {
    this.stopWaiting();
    if (this.settled) return;
    this.settled = true;
    this.news.changed(this);
  }

  private failed(error: Error): number {
    const refused = error instanceof XsiRefused && !FOR_NOW.has(error.status);
    if (refused && this.id !== undefined) {
      this.unsettle(true);
      return 0;
    }
    if (refused) return this.refused(error);
    if (this.id === undefined || performance.now() >= this.expiresAt) this.unsettle(false);
    if (!this.settled) this.news.failed(error);
    return this.backoff.next();
  }

  /** What the switch does not tell of this user is asked for, so that one user does not hold up all others. */
  private refused(error: XsiRefused): number {
    const isThere = error.status === THERE_ALREADY;
    const known = isThere && this.thereAlready && this.settled;
    this.thereAlready = isThere;
    this.refusal = isThere ? undefined : error;
    if (!known) void this.settleByAsking();
    return this.timing.refusedPauseMs;
  }
}
