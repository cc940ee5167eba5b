import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';
import { CallEngine } from './call-engine.js';
import { CommandCall } from './command-call.js';
import { GetCall } from './get-call.js';

@Injectable()
export class HoldCall {
  constructor(
    private readonly calls: GetCall,
    private readonly commands: CommandCall,
    private readonly engine: CallEngine,
  ) {}

  /** @throws CallRefused */
  async hold(user: User, callId: string): Promise<void> {
    const { call } = await this.calls.get(user, callId);
    await this.commands.run(call, 'hold', () => this.engine.hold(call));
  }
}
