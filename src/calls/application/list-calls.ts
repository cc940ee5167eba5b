import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';
import type { Call } from '../domain/call.js';
import { CallRepository } from './call-repository.js';

@Injectable()
export class ListCalls {
  constructor(private readonly repository: CallRepository) {}

  list(user: User): Promise<Call[]> {
    return this.repository.listOngoing(user.ref);
  }
}
