import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';
import { CallEngine, EngineRefusal } from './call-engine.js';
import { CallRepository } from './call-repository.js';
import { CommandCall } from './command-call.js';
import { refusedByEngine } from './engine-refusals.js';
import { GetCall } from './get-call.js';

/** Retrieves the held call and releases all other calls of the user (reference page, "User Call Modify Actions"). */
@Injectable()
export class ReconnectCall {
  constructor(
    private readonly calls: GetCall,
    private readonly commands: CommandCall,
    private readonly repository: CallRepository,
    private readonly engine: CallEngine,
  ) {}

  /** @throws CallRefused */
  async reconnect(user: User, callId: string): Promise<void> {
    const { call } = await this.calls.get(user, callId);
    await this.commands.run(call, 'reconnect', () => this.engine.reconnect(call));
    const ongoing = await this.repository.listOngoing(user.ref);
    const others = ongoing.filter((other) => other.callId !== callId);
    await Promise.all(others.map((other) => this.engine.release(other).catch(unlessGone)));
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof EngineRefusal)) throw error;
  if (error.reason !== 'callGone') throw refusedByEngine(error);
}
