import type { Directory } from '../../directory/application/directory.js';
import type { SwitchAccount, User, UserRef } from '../../directory/domain/user.js';

/** A user of the service who is on one of the switches. */
export interface OnSwitch {
  user: User;
  account: SwitchAccount;
}

/** Who of the directory has an account on which cluster. */
export class Accounts {
  private from: Iterable<User> | undefined;
  private byCluster = new Map<string, Map<string, OnSwitch>>();
  /** Clusters that the directory names and that there are not: their users have no switch. */
  unknown: readonly string[] = [];

  constructor(
    private readonly directory: Directory,
    private readonly clusters: readonly string[],
  ) {}

  /** The user as the directory has them now; undefined without an account on a cluster that there is. */
  of(ref: UserRef): OnSwitch | undefined {
    const user = this.directory.findUser(ref);
    return user && this.onSwitch(user);
  }

  onSwitch(user: User): OnSwitch | undefined {
    const account = user.switchAccount;
    return account && this.clusters.includes(account.cluster) ? { user, account } : undefined;
  }

  /** @param switchUserId as the switch writes it, which does not look at case */
  find(cluster: string, switchUserId: string): OnSwitch | undefined {
    return this.byCluster.get(cluster)?.get(switchUserId.toLowerCase());
  }

  /** All of a cluster. */
  on(cluster: string): OnSwitch[] {
    return [...(this.byCluster.get(cluster)?.values() ?? [])];
  }

  /** @returns whether the directory is another one than it was */
  refresh(): boolean {
    const users = this.directory.users();
    if (users === this.from) return false;
    this.from = users;
    this.byCluster = new Map(this.clusters.map((id) => [id, new Map()]));
    const named = new Set<string>();
    for (const user of users) {
      if (user.switchAccount) named.add(user.switchAccount.cluster);
      const found = this.onSwitch(user);
      if (found) this.byCluster.get(found.account.cluster)?.set(found.account.userId.toLowerCase(), found);
    }
    this.unknown = [...named].filter((id) => !this.clusters.includes(id));
    return true;
  }
}
