import type { Group, User } from '../../directory/domain/user.js';
import type { ImrnPair } from '../domain/imrn-lease.js';

/** Where the numbers that anchor mobile calls come from: a pool of the service, or the switch. */
export abstract class ImrnAllocation {
  /**
   * Leases a number to the pair; the same pair again renews its lease.
   * @returns E.164
   * @throws CallRefused imrnAllocationFailed; EngineRefusal unavailable, timeout, badAnswer; StoreUnavailable
   */
  abstract allocate(user: User, group: Group, pair: ImrnPair): Promise<string>;
}
