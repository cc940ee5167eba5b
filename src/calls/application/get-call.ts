import { Injectable } from '@nestjs/common';
import { sameUser, type User } from '../../directory/domain/user.js';
import type { Call } from '../domain/call.js';
import { CallRefused } from '../domain/call-refused.js';
import { nameCall } from './call-context.js';
import { CallEngine, type CallsFrom } from './call-engine.js';
import { CallRepository } from './call-repository.js';
import { orRefused } from './engine-refusals.js';

@Injectable()
export class GetCall {
  constructor(
    private readonly repository: CallRepository,
    private readonly engine: CallEngine,
  ) {}

  /**
   * The user's ongoing call, and where it comes from.
   * @throws CallRefused callNotFound, for another user's call and a released one too; engineUnavailable, engineTimeout,
   * engineBadAnswer
   */
  async get(user: User, callId: string): Promise<{ call: Call; from: CallsFrom }> {
    const from = await orRefused(this.engine.catchUp(user));
    const call = await this.repository.find(callId);
    if (!call || call.state === 'Released' || !sameUser(call.owner, user.ref)) {
      throw new CallRefused('callNotFound');
    }
    nameCall({ callId, externalTrackingId: call.externalTrackingId });
    return { call, from };
  }
}
