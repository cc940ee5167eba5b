import { Injectable } from '@nestjs/common';
import { Admission } from '../../calls/application/admission.js';
import { orRefused } from '../../calls/application/engine-refusals.js';
import { FindDestination, understood } from '../../calls/application/find-destination.js';
import { CallRefused } from '../../calls/domain/call-refused.js';
import { Directory } from '../../directory/application/directory.js';
import { addressOf, type Group, type User } from '../../directory/domain/user.js';
import { ImrnAllocation } from './imrn-allocation.js';

/** "IMRN Resource Create" of the reference page: a number that the user calls to be put through to another. */
@Injectable()
export class LeaseImrn {
  constructor(
    private readonly directory: Directory,
    private readonly destinations: FindDestination,
    private readonly allocation: ImrnAllocation,
    private readonly admission: Admission,
  ) {}

  /**
   * @returns the leased number, E.164
   * @throws CallRefused shuttingDown, noChargeAddress, invalidPhoneNumber, callingNumberNotFound, imrnAllocationFailed…
   * @throws StoreUnavailable
   */
  async lease(user: User, phoneNumber: string, callingPhoneNumber: string): Promise<string> {
    this.admission.mustBeOpen();
    if (!addressOf(user)) throw new CallRefused('noChargeAddress');
    const { tenantId, groupId } = user.ref;
    const called = this.destinations.find(user, phoneNumber).address;
    const group = this.directory.findGroup(tenantId, groupId);
    if (!group) throw new CallRefused('imrnAllocationFailed');
    const calling = ownAddress(user, callingPhoneNumber, group);
    if (calling === undefined) throw new CallRefused('callingNumberNotFound');
    return orRefused(this.allocation.allocate(user, group, { owner: user.ref, calling, called }));
  }
}

/** The user's number that is meant; the extension stands for the office number. */
function ownAddress(user: User, text: string, group: Group): string | undefined {
  const meant = understood(text, group, 'callingPhoneNumber');
  const number = meant.kind === 'number' ? meant.e164 : meant.extension;
  if (number === user.phoneNumber || number === user.extension) return addressOf(user);
  return user.mobileNumbers.find((mobile) => mobile === number);
}
