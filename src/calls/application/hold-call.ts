import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';

@Injectable()
export class HoldCall {
  hold(_user: User, _callId: string): Promise<void> {
    return Promise.reject(new Error('HoldCall is not written yet'));
  }
}
