import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';
import { CallEngine } from './call-engine.js';
import { CommandCall } from './command-call.js';
import { GetCall } from './get-call.js';

@Injectable()
export class ReleaseCall {
  constructor(
    private readonly calls: GetCall,
    private readonly commands: CommandCall,
    private readonly engine: CallEngine,
  ) {}

  /** Ends the call in any state. @throws CallRefused callNotFound */
  async release(user: User, callId: string): Promise<void> {
    const { call } = await this.calls.get(user, callId);
    await this.commands.run(call, 'release', () => this.engine.release(call));
  }
}
