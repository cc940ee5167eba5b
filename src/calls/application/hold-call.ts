import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';
import { CallEngine } from './call-engine.js';
import { commandCall } from './command-call.js';
import { GetCall } from './get-call.js';

@Injectable()
export class HoldCall {
  constructor(
    private readonly calls: GetCall,
    private readonly engine: CallEngine,
  ) {}

  /** @throws CallRefused */
  async hold(user: User, callId: string): Promise<void> {
    const call = await this.calls.get(user, callId);
    await commandCall(call, 'hold', () => this.engine.hold(call));
  }
}
