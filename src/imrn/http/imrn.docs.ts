import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation } from '@nestjs/swagger';
import {
  bodies,
  BODY_PROBLEMS,
  ENGINE_PROBLEMS,
  ForUser,
  RIGHTS,
  success,
} from '../../calls/http/docs-parts.js';
import { ApiProblems } from '../../http/api-problems.js';
import { ImrnBody } from './imrn.dto.js';
import * as examples from './imrn.examples.js';

export const DescribeImrn = () =>
  applyDecorators(
    ForUser(),
    ApiOperation({
      operationId: 'createImrn',
      summary: 'IMRN Resource Create',
      description:
        'Leases a number that anchors a mobile call: when `callingPhoneNumber` calls it, the call becomes a call of the ' +
        'user to `phoneNumber`. The lease ends with that call, or after a while (IMRN_TTL of the configuration). ' +
        `The same request again gets the same number, and the time begins anew. ${RIGHTS}`,
    }),
    ApiBody({
      type: ImrnBody,
      examples: bodies(examples.IMRN_BODIES, examples.REFUSED_IMRNS),
    }),
    success(201, 'Leased.', 'Imrn', { leased: examples.LEASED_IMRN }),
    ApiProblems(
      examples.IMRN_PATH,
      [
        'invalidPhoneNumber',
        'noChargeAddress',
        'imrnAllocationFailed',
        'callingNumberNotFound',
        'shuttingDown',
        ...ENGINE_PROBLEMS,
        ...BODY_PROBLEMS,
      ],
      {
        invalidRequest: {
          errors: [{ field: 'callingPhoneNumber', message: 'must be a string of 1 to 64 characters' }],
        },
        invalidPhoneNumber: {
          detail: 'invalid phone number: No user of the group has the extension "5699".',
          errors: [{ field: 'phoneNumber', message: 'No user of the group has the extension "5699".' }],
        },
      },
    ),
  );
