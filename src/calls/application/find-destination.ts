import { Injectable } from '@nestjs/common';
import {
  type DialledNumber,
  InvalidPhoneNumber,
  type NumberingPlan,
  understandNumber,
} from '../../numbering/domain/phone-number.js';
import { Directory } from '../../directory/application/directory.js';
import type { User } from '../../directory/domain/user.js';
import { CallRefused } from '../domain/call-refused.js';
import type { Destination } from './call-engine.js';

/** Whom a dialled number means for the user who dials it. */
@Injectable()
export class FindDestination {
  constructor(private readonly directory: Directory) {}

  /** @throws CallRefused invalidPhoneNumber */
  find(caller: User, dialled: string): Destination {
    const { tenantId, groupId } = caller.ref;
    const group = this.directory.findGroup(tenantId, groupId);
    if (!group) throw new CallRefused('invalidPhoneNumber', { message: 'The group has no dialling plan.' });
    const number = understood(dialled, group);
    if (number.kind === 'extension') {
      const user = this.directory.findUserByExtension(tenantId, groupId, number.extension);
      if (!user) {
        throw new CallRefused('invalidPhoneNumber', {
          message: `No user of the group has the extension "${number.extension}".`,
        });
      }
      return { address: user.phoneNumber ?? number.extension, user };
    }
    const user = this.directory.findUserByNumber(number.e164);
    return user ? { address: number.e164, user } : { address: number.e164 };
  }
}

/** @param field of the request, named in the refusal @throws CallRefused invalidPhoneNumber */
export function understood(
  dialled: string,
  plan: NumberingPlan,
  field?: 'phoneNumber' | 'callingPhoneNumber',
): DialledNumber {
  try {
    return understandNumber(dialled, plan);
  } catch (error) {
    if (!(error instanceof InvalidPhoneNumber)) throw error;
    throw new CallRefused('invalidPhoneNumber', { message: error.message, ...(field && { field }) });
  }
}
