import { Injectable } from '@nestjs/common';
import { sameUser, type User } from '../../directory/domain/user.js';
import type { Call } from '../domain/call.js';
import { CallRefused } from '../domain/call-refused.js';
import { nameCall } from './call-context.js';
import { CallRepository } from './call-repository.js';

@Injectable()
export class GetCall {
  constructor(private readonly repository: CallRepository) {}

  /** The user's ongoing call. @throws CallRefused callNotFound, for another user's call and a released one too */
  async get(user: User, callId: string): Promise<Call> {
    const call = await this.repository.find(callId);
    if (!call || call.state === 'Released' || !sameUser(call.owner, user.ref)) {
      throw new CallRefused('callNotFound');
    }
    nameCall({ callId, externalTrackingId: call.externalTrackingId });
    return call;
  }
}
