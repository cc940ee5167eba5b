import { KeyedQueue } from '../../calls/application/keyed-queue.js';
import { CallRefused } from '../../calls/domain/call-refused.js';
import type { Group, User } from '../../directory/domain/user.js';
import { formerNumber, type ImrnPair, isForgettable, longestAtRest } from '../domain/imrn-lease.js';
import { ImrnAllocation } from './imrn-allocation.js';
import type { ImrnRepository } from './imrn-repository.js';

/** The numbers of the group's pool, leased by the service itself. */
export class PoolImrnAllocation extends ImrnAllocation {
  /** By group: many at once would all try for the same number. */
  private readonly inTurn = new KeyedQueue();

  /** @param ttlMs how long a lease waits for its call */
  constructor(
    private readonly leases: ImrnRepository,
    private readonly ttlMs: number,
  ) {
    super();
  }

  override allocate(_user: User, group: Group, pair: ImrnPair): Promise<string> {
    const { tenantId, groupId } = group;
    return this.inTurn.run([JSON.stringify([tenantId, groupId])], () => this.lease(group, pair));
  }

  /** Another replica may be faster: with the number, and the next is tried, or with the pair, whose number it is then. */
  private async lease(group: Group, pair: ImrnPair): Promise<string> {
    const { imrnPool = [] } = group;
    const untried = new Set(imrnPool);
    for (;;) {
      const now = Date.now();
      const found = await this.leases.listOf(group);
      const number = formerNumber(imrnPool, found, pair) ?? longestAtRest([...untried], found, now);
      if (number === undefined) throw new CallRefused('imrnAllocationFailed');
      const forgettable = found.filter((lease) => isForgettable(lease, imrnPool, pair, now));
      await Promise.all(forgettable.map((lease) => this.leases.forget(lease)));
      const lease = { ...pair, number, leasedAt: now, expiresAt: now + this.ttlMs };
      if (await this.leases.take(lease)) return number;
      untried.delete(number);
    }
  }
}
