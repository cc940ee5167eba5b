import { EngineRefusal } from '../../calls/application/call-engine.js';
import { CallRefused } from '../../calls/domain/call-refused.js';
import type { Group, User } from '../../directory/domain/user.js';
import { ImrnAllocation } from '../../imrn/application/imrn-allocation.js';
import type { ImrnPair } from '../../imrn/domain/imrn-lease.js';
import type { BroadWorksEngine } from './broadworks-engine.js';

/** Numbers that the user's switch leases, and anchors by itself. */
export class BroadWorksImrnAllocation extends ImrnAllocation {
  constructor(private readonly engine: BroadWorksEngine) {
    super();
  }

  override async allocate(user: User, _group: Group, { calling, called }: ImrnPair): Promise<string> {
    try {
      return await this.engine.leaseImrn(user, calling, called);
    } catch (error) {
      const refused = error instanceof EngineRefusal && ['refused', 'noDevice'].includes(error.reason);
      throw refused ? new CallRefused('imrnAllocationFailed') : error;
    }
  }
}
