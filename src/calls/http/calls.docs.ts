import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery } from '@nestjs/swagger';
import { ApiProblems } from '../../http/api-problems.js';
import { type ProblemExtension, PROBLEMS } from '../../http/problems.js';
import { CALLS_FROM_HEADER } from './calls-from.js';
import { DialBody, ModifyBody, RetrieveBody } from './calls.dto.js';
import {
  bodies,
  BODY_PROBLEMS,
  ENGINE_PROBLEMS,
  ForCall,
  ForUser,
  type Header,
  RIGHTS,
  success,
} from './docs-parts.js';
import * as examples from './examples.js';
import { MODIFY_ACTIONS } from './wire-names.js';

/** What the OpenAPI document says of each operation, kept out of the controller. */
const CALLS_PATH = examples.CALL_PATH.replace(/[^/]+\/$/, '');
const INVALID_NUMBER: ProblemExtension = {
  detail: `invalid phone number: ${examples.NOT_A_NUMBER}`,
  errors: [{ field: 'phoneNumber', message: examples.NOT_A_NUMBER }],
};

const CALLS_FROM: Record<string, Header> = {
  [CALLS_FROM_HEADER]: {
    description:
      '`store`: as the service has stored what happened. `switch`: the telephone switch was asked just now, because ' +
      'the service may have missed something.',
    schema: { type: 'string', enum: ['store', 'switch'] },
  },
};

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
      examples: bodies(examples.DIAL_BODIES, examples.REFUSED_DIALS),
    }),
    success(201, 'Call initiated.', 'StartedCall', { initiated: examples.STARTED_CALL }),
    ApiProblems(
      CALLS_PATH,
      [
        'invalidPhoneNumber',
        'noChargeAddress',
        'endpointState',
        'shuttingDown',
        ...ENGINE_PROBLEMS,
        ...BODY_PROBLEMS,
      ],
      {
        invalidRequest: {
          errors: [{ field: 'phoneNumber', message: 'must be a string of 1 to 64 characters' }],
        },
        invalidPhoneNumber: INVALID_NUMBER,
      },
    ),
  );

const LIST_WITH_BODY = `\`\`\`
GET ${CALLS_PATH}
Content-Type: application/json

{"includeDetails": true}
\`\`\``;

export const DescribeList = () =>
  applyDecorators(
    ForUser(),
    ApiOperation({
      operationId: 'retrieveCallList',
      summary: 'Retrieve Call List',
      description:
        'The ongoing calls of the user, oldest first: those placed by this API, dialled on a device, and received. ' +
        `Details come with the query parameter \`includeDetails\`. ${RIGHTS}\n\n` +
        'A client of the reference page sends it in a JSON body instead, which browsers cannot do with GET; where ' +
        `both are given the body counts:\n\n${LIST_WITH_BODY}`,
    }),
    ApiQuery({
      name: 'includeDetails',
      required: false,
      description: 'To include details of the calls.',
      schema: { type: 'string', enum: ['true', 'false'] },
    }),
    success(
      200,
      'The list of calls.',
      'CallList',
      {
        calls: examples.CALL_LIST,
        'calls with details': examples.CALL_LIST_WITH_DETAILS,
        'no calls': examples.NO_CALLS,
      },
      CALLS_FROM,
    ),
    ApiProblems(CALLS_PATH, [...ENGINE_PROBLEMS, ...BODY_PROBLEMS], {
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
      summary: 'Retrieve Call Details',
      description: `One call of the user. A released call is not found any more. ${RIGHTS}`,
    }),
    success(
      200,
      'The call.',
      'Call',
      {
        active: examples.ACTIVE_CALL,
        alerting: examples.ALERTING_CALL,
        held: examples.HELD_CALL,
        recorded: examples.RECORDED_CALL,
      },
      CALLS_FROM,
    ),
    ApiProblems(examples.CALL_PATH, [
      'callNotFound',
      ...ENGINE_PROBLEMS,
      'invalidJson',
      'bodyTooLarge',
      'unsupportedMediaType',
    ]),
  );

export const DescribeModify = () =>
  applyDecorators(
    ForCall(),
    ApiOperation({
      operationId: 'modifyCallState',
      summary: 'Call State Modify',
      description:
        'Changes an ongoing call of the user; the answer comes when the phone or the switch has confirmed the change.\n\n' +
        '- `hold` holds the call.\n' +
        '- `reconnect` retrieves the held call and releases all other calls of the user.\n' +
        '- `blindTransfer` connects the remote party to `phoneNumber`; the call ends when that answers. A received call ' +
        'that still rings is deflected to it.\n' +
        '- `consultativeTransfer` connects the remote parties of this call and of `transferCallId`; both calls end. One ' +
        'of the two may still be ringing at its other end.\n' +
        '- `startRecording`, `pauseRecording`, `resumeRecording`, `stopRecording`: what the recording mode of the user ' +
        'allows now is in `allowedRecordingControls`. What is in effect already succeeds; a recording asked for while ' +
        'the call is held is `Pending` until then.\n\n' +
        `Where an action is refused or fails, the call stays as it was. ${RIGHTS}`,
    }),
    ApiBody({
      type: ModifyBody,
      examples: bodies(examples.MODIFY_BODIES, examples.REFUSED_MODIFICATIONS),
    }),
    success(200, 'Done.', 'Empty', { done: {} }),
    ApiProblems(
      examples.CALL_PATH,
      [
        'callState',
        'endpointState',
        'callDetached',
        'transferFailed',
        'consultationInProgress',
        'noChargeAddress',
        'recordingDisabled',
        'recordingFailed',
        'recordingStopUnsupported',
        'recordingInactive',
        'invalidPhoneNumber',
        'sameCall',
        'callNotFound',
        'callBusy',
        ...ENGINE_PROBLEMS,
        ...BODY_PROBLEMS,
      ],
      {
        callState: {
          callState: 'Held',
          allowedActions: ['reconnect', 'blindTransfer', 'consultativeTransfer', 'startRecording'],
        },
        callDetached: { callState: 'Detached', allowedActions: [] },
        transferFailed: {
          callState: 'Active',
          allowedActions: ['hold', 'blindTransfer', 'consultativeTransfer', 'startRecording'],
        },
        recordingStopUnsupported: {
          callState: 'Active',
          allowedActions: ['hold', 'blindTransfer', 'consultativeTransfer', 'pauseRecording'],
        },
        recordingInactive: {
          callState: 'Active',
          allowedActions: ['hold', 'blindTransfer', 'consultativeTransfer', 'startRecording'],
        },
        invalidPhoneNumber: INVALID_NUMBER,
        sameCall: { errors: [{ field: 'transferCallId', message: PROBLEMS.sameCall.detail }] },
        invalidRequest: {
          errors: [{ field: 'action', message: 'must be one of the actions', allowed: MODIFY_ACTIONS }],
        },
      },
    ),
  );

export const DescribeRelease = () =>
  applyDecorators(
    ForCall(),
    ApiOperation({
      operationId: 'releaseCall',
      summary: 'Release Call',
      description: `Ends the call, whatever its state. ${RIGHTS}`,
    }),
    success(200, 'Released.', 'Empty', { done: {} }),
    ApiProblems(examples.CALL_PATH, [
      'callNotFound',
      'callBusy',
      ...ENGINE_PROBLEMS,
      'invalidJson',
      'bodyTooLarge',
      'unsupportedMediaType',
    ]),
  );

export const DescribeRetrieve = () =>
  applyDecorators(
    ForUser(),
    ApiOperation({
      operationId: 'callRetrieve',
      summary: 'Call Retrieve',
      description:
        "Pulls the user's call from the device that carries it to another device of the user: the `Active` call, else " +
        'the one held last. All other devices ring; the first to answer carries the call on, as a new call with the ' +
        `same tracking identifier. Until then, and where none answers, the call stays where it was. ${RIGHTS}`,
    }),
    ApiBody({
      type: RetrieveBody,
      required: false,
      examples: bodies({ retrieve: {} }),
    }),
    success(201, 'Call initiated.', 'StartedCall', { initiated: examples.RETRIEVED_CALL }),
    ApiProblems(
      `${CALLS_PATH}retrieve/`,
      [
        'noCallToRetrieve',
        'invalidCallState',
        'endpointState',
        'callBusy',
        ...ENGINE_PROBLEMS,
        ...BODY_PROBLEMS,
      ],
      {
        endpointState: {
          callState: 'Active',
          allowedActions: ['hold', 'blindTransfer', 'consultativeTransfer', 'startRecording'],
        },
        invalidRequest: {
          errors: [{ field: 'callId', message: 'is not a field of this request', allowed: [] }],
        },
      },
    ),
  );
