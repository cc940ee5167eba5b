import { ApiProperty } from '@nestjs/swagger';
import { Length } from 'class-validator';
import { LONGEST_NUMBER, NUMBER_TEXT } from '../../calls/http/calls.dto.js';

export class ImrnBody {
  @ApiProperty({
    description: 'The number that the mobile call is for, or an extension of the own group.',
    minLength: 1,
    maxLength: LONGEST_NUMBER,
    example: '+3225126778',
  })
  @Length(1, LONGEST_NUMBER, { message: NUMBER_TEXT })
  phoneNumber!: string;

  @ApiProperty({
    description:
      "The number that will call: one of the user's mobile numbers, the user's office number or extension.",
    minLength: 1,
    maxLength: LONGEST_NUMBER,
    example: '+32470123456',
  })
  @Length(1, LONGEST_NUMBER, { message: NUMBER_TEXT })
  callingPhoneNumber!: string;
}
