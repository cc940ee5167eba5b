import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';
import type { Call } from '../domain/call.js';

@Injectable()
export class GetCall {
  get(_user: User, _callId: string): Promise<Call> {
    return Promise.reject(new Error('GetCall is not written yet'));
  }
}
