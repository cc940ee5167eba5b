import { Injectable } from '@nestjs/common';
import { addressOf, type User } from '../../directory/domain/user.js';
import { CallRefused } from '../domain/call-refused.js';
import { Admission } from './admission.js';
import { CallEngine, type CallIds } from './call-engine.js';
import { nameCall } from './call-context.js';
import { orRefused } from './engine-refusals.js';
import { FindDestination } from './find-destination.js';

/** Click-to-dial (reference page, "Call phone number"). */
@Injectable()
export class DialNumber {
  constructor(
    private readonly admission: Admission,
    private readonly destinations: FindDestination,
    private readonly engine: CallEngine,
  ) {}

  /** @throws CallRefused shuttingDown, noChargeAddress, invalidPhoneNumber, endpointState…; StoreUnavailable */
  async dial(user: User, phoneNumber: string): Promise<CallIds> {
    this.admission.mustBeOpen();
    const callerAddress = addressOf(user);
    if (!callerAddress) throw new CallRefused('noChargeAddress');
    const destination = this.destinations.find(user, phoneNumber);
    if (!this.engine.canRing(user)) throw new CallRefused('endpointState');
    const ids = await orRefused(this.engine.dial({ caller: user, callerAddress, destination }));
    nameCall(ids);
    return ids;
  }
}
