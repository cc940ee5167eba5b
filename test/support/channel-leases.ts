import { StoreUnavailable } from '../../src/calls/application/call-repository.js';
import { type ChannelLease, ChannelLeases } from '../../src/engines/broadworks/events/channel-leases.js';

/** Leases of channels in memory, which a test takes away and gives back. */
export class LeasesInMemory extends ChannelLeases {
  /** Whoever asks is refused. */
  away = false;
  /** Whoever asks waits for this first. */
  delay: Promise<unknown> = Promise.resolve();
  /** How often somebody looked. */
  looks = 0;

  /** @param rows shared by those who want the same leases */
  constructor(private readonly rows = new Map<string, ChannelLease>()) {
    super();
  }

  override async take(lease: ChannelLease, now: number): Promise<boolean> {
    await this.mustBeThere();
    const held = this.rows.get(lease.cluster);
    if (held && held.holder !== lease.holder && held.expiresAt > now) return false;
    this.rows.set(lease.cluster, { ...lease });
    return true;
  }

  override async find(cluster: string): Promise<ChannelLease | undefined> {
    this.looks++;
    await this.mustBeThere();
    const held = this.rows.get(cluster);
    return held && { ...held };
  }

  override async giveBack(cluster: string, holder: string): Promise<void> {
    await this.mustBeThere();
    if (this.rows.get(cluster)?.holder === holder) this.rows.delete(cluster);
  }

  private async mustBeThere(): Promise<void> {
    await this.delay;
    if (this.away) throw new StoreUnavailable('the store is away');
  }
}
