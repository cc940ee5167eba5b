import type { ChannelLease } from '../../../../src/engines/broadworks/events/channel-leases.js';
import {
  ChannelHolder,
  type HolderSettings,
} from '../../../../src/engines/broadworks/events/channel-holder.js';
import { LeasesInMemory } from '../../../support/channel-leases.js';
import { QUICK } from './channel-scene.js';
import type { PlayedSwitch } from './played-switch.js';
import { ToldListener } from './told-listener.js';

/** Milliseconds for which a lease of a replica of a test lasts. */
export const LEASE_MS = 300;
export const SHORT = { ...QUICK, leaseMs: LEASE_MS, renewMs: 60, marginMs: 30, viewMs: 30 };

/** One of several that want the channel of a cluster. All share the rows of leases. */
export class Replica {
  readonly listener = new ToldListener();
  /** What this replica sees of the leases. */
  readonly leases: LeasesInMemory;
  readonly holder: ChannelHolder;
  private revived: () => void = () => undefined;

  constructor(
    played: PlayedSwitch,
    rows: Map<string, ChannelLease>,
    timing: HolderSettings['timing'] = SHORT,
    users = ['foouser', 'baruser'],
  ) {
    this.leases = new LeasesInMemory(rows);
    this.holder = new ChannelHolder(played.client(), this.leases, this.listener, { cluster: 'east', timing });
    this.holder.setUsers(users);
  }

  /** Its process stands still: it renews nothing any more. */
  crash(): void {
    this.leases.delay = new Promise<void>((resolve) => (this.revived = resolve));
  }

  hears(line: string, times?: number): Promise<void> {
    return this.listener.hears(line, times);
  }

  async stop(): Promise<void> {
    this.revived();
    this.leases.delay = Promise.resolve();
    await this.holder.stop();
  }
}
