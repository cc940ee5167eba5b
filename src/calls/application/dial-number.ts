import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';

@Injectable()
export class DialNumber {
  dial(_user: User, _phoneNumber: string): Promise<{ callId: string; externalTrackingId: string }> {
    return Promise.reject(new Error('DialNumber is not written yet'));
  }
}
