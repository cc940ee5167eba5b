import { type ChannelLease, ChannelLeases } from '../../engines/broadworks/events/channel-leases.js';
import { giveChannelBack, takeChannel, written } from '../row-writes.js';
import { channelLeaseOf } from '../rows.js';
import type { PostgresStore } from './postgres-store.js';

export class PostgresChannelLeases extends ChannelLeases {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override take(lease: ChannelLease, now: number): Promise<boolean> {
    return written(this.store.write(lease.cluster, takeChannel(lease, now)));
  }

  override async find(cluster: string): Promise<ChannelLease | undefined> {
    const [row] = await this.store.all('findChannelLease', cluster);
    return row && channelLeaseOf(row);
  }

  override giveBack(cluster: string, holder: string): Promise<void> {
    return this.store.write(cluster, giveChannelBack(cluster, holder));
  }
}
