import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';

@Injectable()
export class ReconnectCall {
  reconnect(_user: User, _callId: string): Promise<void> {
    return Promise.reject(new Error('ReconnectCall is not written yet'));
  }
}
