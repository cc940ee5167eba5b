import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, Length, ValidateBy, ValidateIf } from 'class-validator';
import { isCallId } from './call-id.js';
import { MODIFY_ACTIONS } from './wire-names.js';
import type { ModifyAction } from './wire-names.js';

export const LONGEST_NUMBER = 64;
export const NUMBER_TEXT = `must be a string of 1 to ${LONGEST_NUMBER} characters`;

export class DialBody {
  @ApiProperty({
    description:
      'The number to call, in E.164 or national format, or an extension of the own group. ' +
      'Spaces, `-`, `.`, `/` and brackets between digits are ignored.',
    minLength: 1,
    maxLength: LONGEST_NUMBER,
    example: '+3212345678',
  })
  @Length(1, LONGEST_NUMBER, { message: NUMBER_TEXT })
  phoneNumber!: string;
}

export class ListBody {
  @IfPresent()
  @IsBoolean({ message: 'must be true or false', context: { allowed: ['true', 'false'] } })
  includeDetails?: boolean;
}

export class ListQuery {
  @IfPresent()
  @IsIn(['true', 'false'], { message: 'must be true or false', context: { allowed: ['true', 'false'] } })
  includeDetails?: 'true' | 'false';
}

/** `{}`: which call is retrieved cannot be chosen. */
export class RetrieveBody {}

export class ModifyBody {
  @ApiProperty({ description: 'What to do with the call.', enum: MODIFY_ACTIONS, example: 'hold' })
  @IsIn(MODIFY_ACTIONS, { message: 'must be one of the actions', context: { allowed: MODIFY_ACTIONS } })
  action!: ModifyAction;

  @ApiProperty({
    description: 'Where to transfer the call to. Needed with `blindTransfer`, refused with any other action.',
    required: false,
    minLength: 1,
    maxLength: LONGEST_NUMBER,
    example: '+3212345765',
  })
  @OnlyWith('blindTransfer', NUMBER_TEXT, (value) => value.length > 0 && value.length <= LONGEST_NUMBER)
  phoneNumber?: string;

  @ApiProperty({
    description:
      'The call of the consulted party. Needed with `consultativeTransfer`, refused with any other action.',
    required: false,
    example: 'callhalf-1595875:0',
  })
  @OnlyWith('consultativeTransfer', 'must be a call id such as callhalf-1595875:0', isCallId)
  transferCallId?: string;
}

/** Unlike IsOptional, null is a value. */
function IfPresent(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}

/** The field is needed with `action`, and refused with any other. */
function OnlyWith(action: ModifyAction, text: string, valid: (value: string) => boolean): PropertyDecorator {
  const belongs = (object: object | undefined) => (object as ModifyBody | undefined)?.action === action;
  return ValidateBy({
    name: 'onlyWith',
    validator: {
      validate: (value: unknown, args) =>
        belongs(args?.object) ? typeof value === 'string' && valid(value) : value === undefined,
      defaultMessage: (args) => (belongs(args?.object) ? text : `is taken with the action ${action} only`),
    },
  });
}
