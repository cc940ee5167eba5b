import type { Group } from '../../directory/domain/user.js';
import type { ImrnLease } from '../domain/imrn-lease.js';

/**
 * The last lease of each number, shared by all replicas. Every adapter passes
 * `test/contracts/imrn-repository.contract.ts`. What a method has done survives a power cut.
 */
export abstract class ImrnRepository {
  /** Running and past ones of the users of a group. @throws StoreUnavailable */
  abstract listOf(group: Pick<Group, 'tenantId' | 'groupId'>): Promise<ImrnLease[]>;
  /** @throws StoreUnavailable */
  abstract find(number: string): Promise<ImrnLease | undefined>;
  /**
   * Leases the number, in place of a lease that is over at `leasedAt`, or renews the one of the same pair.
   * @returns false, and nothing is written, when another pair has the number, or this pair another number
   * @throws StoreUnavailable
   */
  abstract take(lease: ImrnLease): Promise<boolean>;
  /**
   * Uses up the lease that was read: the number is free.
   * @returns false when it was used, renewed or replaced meanwhile: of several at once one wins
   * @throws StoreUnavailable
   */
  abstract use(lease: ImrnLease): Promise<boolean>;
  /** Removes the lease, unless it is another one by now. @throws StoreUnavailable */
  abstract forget(lease: ImrnLease): Promise<void>;
}
