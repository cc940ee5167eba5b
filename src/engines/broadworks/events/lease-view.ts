import type { ChannelLease, ChannelLeases } from './channel-leases.js';

/** The lease of a cluster as the store has it, read again when what is known is too old. */
export class LeaseView {
  private known: { lease: ChannelLease | undefined; at: number } | undefined;
  private looking: Promise<ChannelLease | undefined> | undefined;

  constructor(
    private readonly leases: ChannelLeases,
    private readonly cluster: string,
    private readonly maxAgeMs: number,
  ) {}

  /** Undefined: to be looked for. */
  get fresh(): { lease: ChannelLease | undefined } | undefined {
    return this.known && performance.now() - this.known.at <= this.maxAgeMs ? this.known : undefined;
  }

  /** One look for all who ask meanwhile. @throws StoreUnavailable */
  look(): Promise<ChannelLease | undefined> {
    this.looking ??= this.read().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async read(): Promise<ChannelLease | undefined> {
    const at = performance.now();
    const lease = await this.leases.find(this.cluster);
    this.known = { lease, at };
    return lease;
  }
}
