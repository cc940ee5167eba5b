import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';
import type { Call } from '../domain/call.js';
import { CallEngine, type CallsFrom } from './call-engine.js';
import { CallRepository } from './call-repository.js';
import { orRefused } from './engine-refusals.js';

@Injectable()
export class ListCalls {
  constructor(
    private readonly repository: CallRepository,
    private readonly engine: CallEngine,
  ) {}

  /**
   * The user's ongoing calls, oldest first, and where they come from.
   * @throws CallRefused engineUnavailable, engineTimeout, engineBadAnswer
   */
  async list(user: User): Promise<{ calls: Call[]; from: CallsFrom }> {
    const from = await orRefused(this.engine.catchUp(user));
    return { calls: await this.repository.listOngoing(user.ref), from };
  }
}
