import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { XsiBadAnswer, XsiUnavailable } from '../xsi/errors.js';
import { seenCall } from '../xsi/seen-call.js';
import type { XmlElement } from '../xsi/xml.js';
import type { XsiClient } from '../xsi/xsi-client.js';
import { Acknowledgements } from './acknowledgements.js';
import { Backoff } from './backoff.js';
import type { ChannelListener } from './channel-listener.js';
import { ChannelStream } from './channel-stream.js';
import { CHANNEL_TIMING, type ChannelTiming } from './channel-timing.js';
import { EventRequests } from './event-requests.js';
import { Heartbeat } from './heartbeat.js';
import { Subscriptions } from './subscriptions.js';
import { type SwitchEvent, switchEvent } from './switch-event.js';
import type { UserSubscription } from './user-subscription.js';

export interface ChannelSettings {
  /** Id of the cluster, for logs. */
  cluster: string;
  /** The same each time: to it belong the subscriptions, which outlive channels. */
  channelSetId: string;
  /** False: somebody else may have the channel by now. Nothing is asked and nothing told any more. */
  mayAct?: () => boolean;
  timing?: Partial<ChannelTiming>;
}

/** The event channel of one cluster (Xsi-Events v2.0): open for as long as it runs, again and again. */
export class EventChannel {
  private readonly logger = new Logger(EventChannel.name);
  private readonly stopping = new AbortController();
  private readonly timing: ChannelTiming;
  private readonly requests: EventRequests;
  private readonly subscriptions: Subscriptions;
  private readonly acknowledgements: Acknowledgements;
  private readonly backoff: Backoff;
  private stream: ChannelStream | undefined;
  private isInStep = false;
  /** Events that came while the channel was away are lost. */
  private missed = false;
  /** They are being made up for. */
  private makingUp = false;
  private awaySince: number | undefined;
  private silentUntil = 0;

  constructor(
    client: XsiClient,
    private readonly listener: ChannelListener,
    private readonly settings: ChannelSettings,
  ) {
    this.timing = { ...CHANNEL_TIMING, ...settings.timing };
    this.requests = new EventRequests(client, settings.channelSetId, () => this.mayAct);
    this.acknowledgements = new Acknowledgements(this.requests);
    this.backoff = new Backoff(this.timing.firstPauseMs, this.timing.longestPauseMs);
    this.subscriptions = new Subscriptions(this.requests, this.timing, {
      changed: () => this.update(),
      failed: (reason) => this.noticeAway(reason),
      doubt: async (user) => this.tell(() => listener.doubt(user)),
    });
  }

  /** Whether the channel is open, each user is subscribed to, and nothing that was missed is still to be asked for. */
  get inStep(): boolean {
    return this.isInStep && this.mayAct;
  }

  start(): void {
    void this.run();
  }

  /** The switch user ids to subscribe to, from now on. */
  setUsers(users: string[]): void {
    this.subscriptions.setUsers(users);
  }

  /** At once and for good; subscriptions stay, for the next to hold the channel. */
  stop(): void {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    this.stream?.close(new XsiUnavailable('The channel is stopped.', true));
    this.subscriptions.disconnected();
    if (this.isInStep) this.listener.inStep(false);
    this.isInStep = false;
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private get mayAct(): boolean {
    return !this.stopped && (this.settings.mayAct?.() ?? true);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!this.stopped) {
      const began = performance.now();
      try {
        await this.live();
      } catch (error) {
        if (performance.now() - began >= this.timing.settledMs) this.backoff.reset();
        this.noticeAway(error as Error);
      }
      await delay(this.backoff.next(), undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  /** One channel, from its opening to its end. @throws XsiError why it has ended */
  private async live(): Promise<void> {
    const stream = await ChannelStream.open(this.requests, this.timing);
    if (!this.mayAct) return stream.close(new XsiUnavailable('The channel came too late.', true));
    const { channelId, lifeMs } = stream;
    const heartbeat = new Heartbeat(
      this.requests,
      channelId,
      lifeMs,
      this.timing.longestHeartbeatMs,
      (reason) => stream.close(reason),
    );
    this.stream = stream;
    try {
      this.subscriptions.connected();
      for await (const root of stream.read()) {
        if (!this.mayAct) return;
        this.received(root, channelId);
      }
    } finally {
      heartbeat.stop();
      stream.close(new XsiUnavailable('The channel is closed.', true));
      this.acknowledgements.clear();
      this.subscriptions.disconnected();
      this.missed = true;
      this.update();
    }
  }

  /** @throws XsiError the channel cannot go on */
  private received(root: XmlElement, channelId: string): void {
    if (root.name !== 'Event') return;
    const event = switchEvent(root);
    if (event.type === 'ChannelTerminatedEvent') {
      // One of a channel before this one may come late.
      if (event.channelId !== undefined && event.channelId !== channelId) return;
      throw new XsiUnavailable(`The switch has ended the channel: ${event.reason ?? 'no reason'}.`, true);
    }
    const subscription = this.subscriptions.of(event);
    if (subscription) this.sort(subscription, event);
    this.acknowledgements.add(event.eventId);
  }

  private sort(subscription: UserSubscription, event: SwitchEvent): void {
    const { sequence, eventId } = event;
    const place = sequence === undefined ? 'next' : subscription.sequence.place(sequence, eventId);
    if (place === 'old') return;
    const understood = this.pass(subscription, event);
    if (place === 'gap' || !understood) void this.tell(() => this.listener.doubt(subscription.user));
  }

  /** @returns false: what it says of calls cannot be understood, which must not end the channel of all others */
  private pass(subscription: UserSubscription, { type, calls, reason }: SwitchEvent): boolean {
    const { user } = subscription;
    const { listener } = this;
    if (type === 'SubscriptionTerminatedEvent') {
      this.subscriptions.ended(subscription);
      return true;
    }
    const isSnapshot = type === 'CallSubscriptionEvent' || type === 'CallSubscriptionResyncEvent';
    try {
      const seen = calls.map(seenCall);
      if (isSnapshot) this.tell(() => listener.snapshot(user, seen));
      else this.tell(() => listener.event(user, type, seen[0], reason));
      return true;
    } catch (error) {
      if (!(error instanceof XsiBadAnswer)) throw error;
      this.noticeOdd(`a ${type} of ${user} is not understood: ${error.message}`);
      return false;
    } finally {
      if (isSnapshot) subscription.snapshot();
    }
  }

  private update(): void {
    const settled = this.subscriptions.settled && this.mayAct;
    if (settled && this.missed && !this.makingUp) void this.makeUp();
    const inStep = settled && !this.makingUp;
    if (inStep === this.isInStep || this.stopped) return;
    this.isInStep = inStep;
    if (!inStep) return this.listener.inStep(false);
    this.noticeBack();
    this.tell(() => this.listener.inStep(true));
  }

  private async makeUp(): Promise<void> {
    this.makingUp = true;
    this.missed = false;
    await this.tell(() => this.listener.doubtAll());
    this.makingUp = false;
    this.update();
  }

  private tell<T>(what: () => T): T | undefined {
    if (!this.mayAct) return undefined;
    try {
      return what();
    } catch (error) {
      this.logger.error(`An event came to nothing: ${error instanceof Error ? error.stack : String(error)}`);
      return undefined;
    }
  }

  private noticeAway({ message }: Error): void {
    if (this.awaySince !== undefined || this.stopped) return;
    this.awaySince = performance.now();
    this.logger.warn(`Events of cluster ${this.settings.cluster} are away, it is tried again: ${message}`);
  }

  /** Once a minute at most: a call that is odd may be so for as long as it lasts. */
  private noticeOdd(what: string): void {
    if (performance.now() < this.silentUntil) return;
    this.silentUntil = performance.now() + 60_000;
    this.logger.warn(`Cluster ${this.settings.cluster}: ${what}`);
  }

  private noticeBack(): void {
    const { refused, size } = this.subscriptions;
    const after =
      this.awaySince === undefined
        ? ''
        : ` again after ${((performance.now() - this.awaySince) / 1_000).toFixed(1)} s`;
    this.awaySince = undefined;
    this.logger.log(
      `Events of cluster ${this.settings.cluster} come${after}, ${size} users are subscribed to`,
    );
    const [first] = refused;
    if (!first) return;
    this.logger.warn(
      `Cluster ${this.settings.cluster} refuses to tell of ${refused.length} users, such as ${first.user}: ${first.reason.message}`,
    );
  }
}
