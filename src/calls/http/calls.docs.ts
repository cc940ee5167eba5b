import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { ApiProblems } from '../../http/api-problems.js';
import type { ProblemName } from '../../http/problems.js';
import { DialBody, ModifyBody } from './calls.dto.js';
import * as examples from './examples.js';
import { MODIFY_ACTIONS } from './wire-names.js';

/** What the OpenAPI document says of each operation, kept out of the controller. */
const CALLS_PATH = examples.CALL_PATH.replace(/[^/]+\/$/, '');
const BODY_PROBLEMS: ProblemName[] = [
  'invalidRequest',
  'invalidJson',
  'bodyTooLarge',
  'unsupportedMediaType',
];
const RIGHTS = 'Authorization rights: minimum EndUser.';

const path = (name: string, description: string, example: string) =>
  ApiParam({ name, description, schema: { type: 'string', example } });
const ForUser = () =>
  applyDecorators(
    path('tenantId', 'The tenant.', 'foo'),
    path('groupId', 'The group of the tenant.', 'foogroup'),
    path('userId', 'The user of the group whose calls these are.', 'foouser'),
  );
const ForCall = () =>
  applyDecorators(ForUser(), path('callId', 'The call identifier.', examples.STARTED_CALL.callId));

const success = (status: number, description: string, schema: string, values: Record<string, object>) =>
  ApiResponse({
    status,
    description,
    content: {
      'application/json': {
        schema: { $ref: `#/components/schemas/${schema}` },
        examples: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
      },
    },
  });

export const DescribeDial = () =>
  applyDecorators(
    ForUser(),
    ApiOperation({
      operationId: 'callPhoneNumber',
      summary: 'Call phone number',
      description:
        "Rings the user's devices, and the called party when one of them has answered. The answer comes as soon as " +
        `the devices are being rung; watch the state of the call to see what becomes of it. ${RIGHTS}`,
    }),
    ApiBody({
      type: DialBody,
      examples: {
        number: { value: { phoneNumber: '+3212345678' } },
        extension: { value: { phoneNumber: '5601' } },
      },
    }),
    success(201, 'Call initiated.', 'StartedCall', { initiated: examples.STARTED_CALL }),
    ApiProblems(
      CALLS_PATH,
      ['invalidPhoneNumber', 'noChargeAddress', 'endpointState', 'engineTimeout', ...BODY_PROBLEMS],
      {
        invalidRequest: {
          errors: [{ field: 'phoneNumber', message: 'must be a string of 1 to 64 characters' }],
        },
        invalidPhoneNumber: {
          detail: 'invalid phone number: "sip:foo@example.test" is a SIP URI',
          errors: [{ field: 'phoneNumber', message: '"sip:foo@example.test" is a SIP URI' }],
        },
      },
    ),
  );

export const DescribeList = () =>
  applyDecorators(
    ForUser(),
    ApiOperation({
      operationId: 'retrieveCallList',
      summary: 'Retrieve call list',
      description:
        'The ongoing calls of the user, oldest first: those placed by this API, dialled on a device, and received. ' +
        'Details come with `includeDetails`, either as a query parameter or, as on the reference page, in a JSON body ' +
        `\`{"includeDetails": true}\`; where both are given the body counts. ${RIGHTS}`,
    }),
    ApiQuery({
      name: 'includeDetails',
      required: false,
      description: 'To include details of the calls.',
      schema: { type: 'string', enum: ['true', 'false'] },
    }),
    success(200, 'The list of calls.', 'CallList', {
      calls: examples.CALL_LIST,
      'calls with details': examples.CALL_LIST_WITH_DETAILS,
      'no calls': examples.NO_CALLS,
    }),
    ApiProblems(CALLS_PATH, BODY_PROBLEMS, {
      invalidRequest: {
        errors: [{ field: 'includeDetails', message: 'must be true or false', allowed: ['true', 'false'] }],
      },
    }),
  );

export const DescribeGet = () =>
  applyDecorators(
    ForCall(),
    ApiOperation({
      operationId: 'retrieveCallDetails',
      summary: 'Retrieve call details',
      description: `One call of the user. A released call is not found any more. ${RIGHTS}`,
    }),
    success(200, 'The call.', 'Call', { active: examples.ACTIVE_CALL, alerting: examples.ALERTING_CALL }),
    ApiProblems(examples.CALL_PATH, ['callNotFound', 'invalidJson', 'bodyTooLarge', 'unsupportedMediaType']),
  );

export const DescribeModify = () =>
  applyDecorators(
    ForCall(),
    ApiOperation({
      operationId: 'modifyCallState',
      summary: 'Call state modify',
      description:
        'Changes the state of an ongoing call of the user; the answer comes when the phone or the switch has ' +
        'confirmed the change. `hold` holds the call. `reconnect` retrieves the held call and releases all other ' +
        'calls of the user. The transfers and the recording actions are checked, and then refused with 501 in this ' +
        `version. ${RIGHTS}`,
    }),
    ApiBody({
      type: ModifyBody,
      examples: Object.fromEntries(
        Object.entries(examples.MODIFY_BODIES).map(([action, value]) => [action, { value }]),
      ),
    }),
    success(200, 'Done.', 'Empty', { done: {} }),
    ApiProblems(
      examples.CALL_PATH,
      [
        'callState',
        'endpointState',
        'callDetached',
        'callNotFound',
        'callBusy',
        'engineTimeout',
        'notImplementedYet',
        ...BODY_PROBLEMS,
      ],
      {
        callState: { callState: 'Held', allowedActions: ['reconnect'] },
        invalidRequest: {
          errors: [{ field: 'action', message: 'must be one of the actions', allowed: MODIFY_ACTIONS }],
        },
        notImplementedYet: {
          detail: 'This version of the service cannot do the action blindTransfer yet. Nothing was changed.',
        },
      },
    ),
  );

export const DescribeRelease = () =>
  applyDecorators(
    ForCall(),
    ApiOperation({
      operationId: 'releaseCall',
      summary: 'Release call',
      description: `Ends the call, whatever its state. ${RIGHTS}`,
    }),
    success(200, 'Released.', 'Empty', { done: {} }),
    ApiProblems(examples.CALL_PATH, [
      'callNotFound',
      'callBusy',
      'engineTimeout',
      'invalidJson',
      'bodyTooLarge',
      'unsupportedMediaType',
    ]),
  );
