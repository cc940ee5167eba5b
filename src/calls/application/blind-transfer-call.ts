import { Injectable } from '@nestjs/common';
import { addressOf, type User } from '../../directory/domain/user.js';
import { CallRefused } from '../domain/call-refused.js';
import { CallEngine } from './call-engine.js';
import { CommandCall } from './command-call.js';
import { FindDestination } from './find-destination.js';
import { GetCall } from './get-call.js';

/** Hands the remote party on to a number; a call that still rings is deflected to it. */
@Injectable()
export class BlindTransferCall {
  constructor(
    private readonly calls: GetCall,
    private readonly commands: CommandCall,
    private readonly destinations: FindDestination,
    private readonly engine: CallEngine,
  ) {}

  /** @throws CallRefused noChargeAddress, as for a dial: the user pays; invalidPhoneNumber, transferFailed… */
  async blindTransfer(user: User, callId: string, phoneNumber: string): Promise<void> {
    const { call } = await this.calls.get(user, callId);
    if (!addressOf(user)) throw new CallRefused('noChargeAddress');
    const destination = this.destinations.find(user, phoneNumber);
    await this.commands.run(call, 'blindTransfer', () => this.engine.blindTransfer(call, destination));
  }
}
