import type { Accounts, OnSwitch } from './accounts.js';
import type { ChannelListener } from './events/channel-listener.js';
import { type SyncServices, SyncUser } from './sync-user.js';
import type { SeenCall } from './xsi/seen-call.js';

/** Keeps the stored calls of all users in step with their switches. */
export class SyncCalls {
  private readonly users = new Map<string, SyncUser>();

  constructor(
    private readonly services: SyncServices,
    private readonly accounts: Accounts,
  ) {}

  of(owner: OnSwitch): SyncUser {
    const { cluster, userId } = owner.account;
    const key = JSON.stringify([cluster, userId.toLowerCase()]);
    let user = this.users.get(key);
    if (!user) this.users.set(key, (user = new SyncUser(this.services, owner)));
    return user.isNow(owner);
  }

  /** Who is told what the switch of the cluster says. */
  listenerOf(cluster: string): ChannelListener {
    return new ClusterListener(cluster, this.accounts, this);
  }
}

class ClusterListener implements ChannelListener {
  constructor(
    private readonly cluster: string,
    private readonly accounts: Accounts,
    private readonly sync: SyncCalls,
  ) {}

  event(switchUserId: string, _type: string, call: SeenCall | undefined): void {
    if (call) this.userOf(switchUserId)?.event(call);
  }

  snapshot(switchUserId: string, calls: SeenCall[]): void {
    this.userOf(switchUserId)?.snapshot(calls);
  }

  async doubt(switchUserId: string): Promise<void> {
    await this.userOf(switchUserId)?.doubt();
  }

  async doubtAll(): Promise<void> {
    await Promise.all(this.accounts.on(this.cluster).map((owner) => this.sync.of(owner).doubt()));
  }

  /** Asked for at each read; the channel itself says it in the log. */
  inStep(): void {}

  /** Undefined for somebody whom the directory does not have any more. */
  private userOf(switchUserId: string) {
    const owner = this.accounts.find(this.cluster, switchUserId);
    return owner && this.sync.of(owner);
  }
}
