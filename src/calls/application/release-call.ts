import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';

@Injectable()
export class ReleaseCall {
  release(_user: User, _callId: string): Promise<void> {
    return Promise.reject(new Error('ReleaseCall is not written yet'));
  }
}
