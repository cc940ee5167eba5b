import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { XsiClient } from '../xsi/xsi-client.js';
import type { ChannelLease, ChannelLeases } from './channel-leases.js';
import type { ChannelListener } from './channel-listener.js';
import type { ChannelTiming } from './channel-timing.js';
import { EventChannel } from './event-channel.js';
import { LeaseView } from './lease-view.js';

export interface LeaseTiming {
  /** A holder that has not renewed its lease for so long has lost it. */
  leaseMs: number;
  renewMs: number;
  /** So much before its lease is over the holder lets go, since the clocks of replicas are not quite the same. */
  marginMs: number;
  /** How old what is known of another's lease may be. */
  viewMs: number;
}

export interface HolderSettings {
  /** Id of the cluster. */
  cluster: string;
  /** Of this service at its switch, the same for all replicas. By default named after the cluster. */
  channelSetId?: string;
  timing?: Partial<LeaseTiming & ChannelTiming>;
}

const LEASE_TIMING: LeaseTiming = { leaseMs: 4_000, renewMs: 1_000, marginMs: 250, viewMs: 500 };

/**
 * The part of one replica in the event channel of a cluster: runs the channel while it holds the lease, and otherwise
 * waits for the holder to let go.
 */
export class ChannelHolder {
  private readonly logger = new Logger(ChannelHolder.name);
  /** Another one at each start: a former process may still believe that it holds the lease. */
  private readonly id = randomUUID();
  private readonly timing: LeaseTiming;
  private readonly view: LeaseView;
  private channel: EventChannel | undefined;
  private users: string[] = [];
  /** By both clocks: one stands still while the machine sleeps, the other may be set. */
  private held: { monotonic: number; wall: number } | undefined;
  private lapse: NodeJS.Timeout | undefined;
  private nap = new AbortController();
  private running: Promise<void> | undefined;
  private stopped = false;
  private storeAway = false;
  /** Events of calls that were told by channels of this process. */
  events = 0;

  constructor(
    private readonly client: XsiClient,
    private readonly leases: ChannelLeases,
    private readonly listener: ChannelListener,
    private readonly settings: HolderSettings,
  ) {
    this.timing = { ...LEASE_TIMING, ...settings.timing };
    this.view = new LeaseView(leases, settings.cluster, this.timing.viewMs);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** The switch user ids to subscribe to, from now on. */
  setUsers(users: string[]): void {
    this.users = users;
    this.channel?.setUsers(users);
  }

  /** Stops the channel at once; resolves when another replica may take it. Never throws. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.drop();
    this.wake();
    await this.running;
    await this.leases
      .giveBack(this.settings.cluster, this.id)
      .catch((error: unknown) =>
        this.logger.warn(`The lease of ${this.name} is left to expire: ${String(error)}`),
      );
  }

  /** Whether this process may act as the holder now. */
  get holds(): boolean {
    const { held, stopped } = this;
    return !stopped && held !== undefined && performance.now() < held.monotonic && Date.now() < held.wall;
  }

  /** Whether what is stored of the cluster's calls is what its switch says, whoever holds the channel. */
  get inStep(): boolean | Promise<boolean> {
    if (this.holds) return this.channel?.inStep ?? false;
    const { fresh } = this.view;
    if (fresh) return this.isInStep(fresh.lease);
    return this.view.look().then(
      (lease) => this.isInStep(lease),
      () => false,
    );
  }

  private get name(): string {
    return `the event channel of cluster ${this.settings.cluster}`;
  }

  private isInStep(lease: ChannelLease | undefined): boolean {
    return lease !== undefined && lease.inStep && lease.holder !== this.id && Date.now() < lease.expiresAt;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.nap = new AbortController();
      const pause = await this.turn().then(
        (ms) => this.noticeStore(ms),
        (error: unknown) => this.noticeStoreAway(error),
      );
      const { signal } = this.nap;
      await delay(pause, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  /** Takes or renews the lease, if it may. @returns milliseconds until the next turn @throws StoreUnavailable */
  private async turn(): Promise<number> {
    if (this.holds) return this.take();
    this.drop();
    const lease = await this.view.look();
    if (this.stopped) return 0;
    const free = !lease || lease.holder === this.id || lease.expiresAt <= Date.now();
    return free ? this.take() : this.untilOver(lease);
  }

  private untilOver({ expiresAt }: ChannelLease): number {
    return Math.max(1, Math.min(this.timing.renewMs, expiresAt - Date.now()));
  }

  private async take(): Promise<number> {
    const { cluster } = this.settings;
    const { leaseMs, renewMs, marginMs } = this.timing;
    const asked = { monotonic: performance.now(), wall: Date.now() };
    const inStep = this.channel?.inStep ?? false;
    const lease = { cluster, holder: this.id, expiresAt: asked.wall + leaseMs, inStep };
    const taken = await this.leases.take(lease, asked.wall);
    if (this.stopped) return 0;
    this.held = taken
      ? { monotonic: asked.monotonic + leaseMs - marginMs, wall: lease.expiresAt - marginMs }
      : undefined;
    if (!this.holds) {
      this.drop();
      // Taken, but the store has said so too late.
      return taken ? 0 : renewMs;
    }
    this.channel ??= this.open();
    clearTimeout(this.lapse);
    this.lapse = setTimeout(() => this.lapsed(), leaseMs - marginMs).unref();
    return renewMs;
  }

  private open(): EventChannel {
    const { listener, settings, users } = this;
    this.logger.log(`Holds ${this.name}`);
    const told: ChannelListener = {
      event: (...event) => {
        this.events++;
        listener.event(...event);
      },
      snapshot: (...snapshot) => listener.snapshot(...snapshot),
      doubt: (user) => listener.doubt(user),
      doubtAll: () => listener.doubtAll(),
      inStep: (yes) => {
        listener.inStep(yes);
        this.wake();
      },
    };
    const channel = new EventChannel(this.client, told, {
      cluster: settings.cluster,
      channelSetId: settings.channelSetId ?? `call-service-${settings.cluster}`,
      mayAct: () => this.holds,
      ...(settings.timing && { timing: settings.timing }),
    });
    channel.setUsers(users);
    channel.start();
    return channel;
  }

  private lapsed(): void {
    if (!this.holds) this.drop();
  }

  private drop(): void {
    clearTimeout(this.lapse);
    if (!this.channel) return;
    if (!this.stopped) this.logger.warn(`Has lost ${this.name}`);
    this.channel.stop();
    this.channel = undefined;
  }

  private wake(): void {
    this.nap.abort();
  }

  private noticeStore(pause: number): number {
    if (this.storeAway) this.logger.warn(`The lease of ${this.name} can be renewed again`);
    this.storeAway = false;
    return pause;
  }

  private noticeStoreAway(error: unknown): number {
    if (!this.storeAway)
      this.logger.warn(`The lease of ${this.name} cannot be renewed, it is tried again: ${String(error)}`);
    this.storeAway = true;
    return this.timing.renewMs;
  }
}
