import { Injectable } from '@nestjs/common';
import type { Destination } from '../../calls/application/call-engine.js';
import { FindDestination } from '../../calls/application/find-destination.js';
import { CallRefused } from '../../calls/domain/call-refused.js';
import { Directory } from '../../directory/application/directory.js';
import { addressOf, type Group, type User } from '../../directory/domain/user.js';
import { presentedNumbers } from '../../numbering/domain/phone-number.js';
import { isRunning } from '../domain/imrn-lease.js';
import { AnchorCalls, type AnchoredCall } from './anchor-calls.js';
import { ImrnRepository } from './imrn-repository.js';

/** A call to an IMRN becomes the call that it was leased for. */
@Injectable()
export class ClaimImrn extends AnchorCalls {
  constructor(
    private readonly directory: Directory,
    private readonly destinations: FindDestination,
    private readonly leases: ImrnRepository,
  ) {
    super();
  }

  override async claim(number: string, calling: string): Promise<AnchoredCall | 'refused' | undefined> {
    const group = this.directory.findGroupByImrn(number);
    if (!group) return undefined;
    const callers = this.addressesOf(calling, group);
    for (;;) {
      const lease = await this.leases.find(number);
      if (!lease || !isRunning(lease, Date.now()) || !callers.includes(lease.calling)) return 'refused';
      const user = this.directory.findUser(lease.owner);
      const destination = user && this.destinationOf(user, lease.called);
      if (!destination) return 'refused';
      if (await this.leases.use(lease)) return { user, destination };
      // Renewed meanwhile, or used by somebody else.
    }
  }

  /** As leases hold them: an extension stands for the office number of its user. */
  private addressesOf(calling: string, group: Group): (string | undefined)[] {
    return presentedNumbers(calling, group).map((meant) => {
      if (meant.kind === 'number') return meant.e164;
      const user = this.directory.findUserByExtension(group.tenantId, group.groupId, meant.extension);
      return user && addressOf(user);
    });
  }

  private destinationOf(user: User, called: string): Destination | undefined {
    try {
      return this.destinations.find(user, called);
    } catch (error) {
      if (error instanceof CallRefused) return undefined;
      throw error;
    }
  }
}
