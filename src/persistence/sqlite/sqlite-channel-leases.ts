import { type ChannelLease, ChannelLeases } from '../../engines/broadworks/events/channel-leases.js';
import { giveChannelBack, takeChannel, written } from '../row-writes.js';
import { channelLeaseOf } from '../rows.js';
import type { SqliteStore } from './sqlite-store.js';

export class SqliteChannelLeases extends ChannelLeases {
  constructor(private readonly store: SqliteStore) {
    super();
  }

  override take(lease: ChannelLease, now: number): Promise<boolean> {
    return written(this.store.write([takeChannel(lease, now)]));
  }

  override async find(cluster: string): Promise<ChannelLease | undefined> {
    const row = this.store.one('findChannelLease', cluster);
    return row && channelLeaseOf(row);
  }

  override giveBack(cluster: string, holder: string): Promise<void> {
    return this.store.write([giveChannelBack(cluster, holder)]);
  }
}
