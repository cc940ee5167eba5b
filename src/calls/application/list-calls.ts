import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';
import type { Call } from '../domain/call.js';

@Injectable()
export class ListCalls {
  list(_user: User): Promise<Call[]> {
    return Promise.reject(new Error('ListCalls is not written yet'));
  }
}
