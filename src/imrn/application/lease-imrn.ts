import { Injectable } from '@nestjs/common';
import type { Admission } from '../../calls/application/admission.js';
import { FindDestination, understood } from '../../calls/application/find-destination.js';
import { KeyedQueue } from '../../calls/application/keyed-queue.js';
import { CallRefused } from '../../calls/domain/call-refused.js';
import { Directory } from '../../directory/application/directory.js';
import { addressOf, type Group, type User } from '../../directory/domain/user.js';
import { formerNumber, type ImrnPair, isForgettable, longestAtRest } from '../domain/imrn-lease.js';
import { ImrnRepository } from './imrn-repository.js';

/** "IMRN Resource Create" of the reference page: a number that the user calls to be put through to another. */
@Injectable()
export class LeaseImrn {
  /** By group: many at once would all try for the same number. */
  private readonly inTurn = new KeyedQueue();

  /** @param ttlMs how long a lease waits for its call */
  constructor(
    private readonly directory: Directory,
    private readonly destinations: FindDestination,
    private readonly leases: ImrnRepository,
    private readonly ttlMs: number,
    private readonly admission: Admission,
  ) {}

  /**
   * @returns the leased number, E.164
   * @throws CallRefused shuttingDown, noChargeAddress, invalidPhoneNumber, callingNumberNotFound, imrnAllocationFailed
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
    const pair = { owner: user.ref, calling, called };
    return this.inTurn.run([JSON.stringify([tenantId, groupId])], () => this.allocate(group, pair));
  }

  /** Another replica may be faster: with the number, and the next is tried, or with the pair, whose number it is then. */
  private async allocate(group: Group, pair: ImrnPair): Promise<string> {
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

/** The user's number that is meant; the extension stands for the office number. */
function ownAddress(user: User, text: string, group: Group): string | undefined {
  const meant = understood(text, group, 'callingPhoneNumber');
  const number = meant.kind === 'number' ? meant.e164 : meant.extension;
  if (number === user.phoneNumber || number === user.extension) return addressOf(user);
  return user.mobileNumbers.find((mobile) => mobile === number);
}
