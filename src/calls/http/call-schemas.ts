import { ACTIVE_CALL, CALL_PATH } from './examples.js';
import { MODIFY_ACTIONS, WIRE_STATES } from './wire-names.js';

/**
 * JSON schemas of the answers: Fastify compiles them into serializers, and the OpenAPI document shows them.
 * A field that is missing here does not reach the wire.
 */
const string = (description: string, extra: object = {}) => ({ type: 'string', description, ...extra });
const object = (properties: object, required: string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
});

const like = (example: unknown) => ({ examples: [example] });

const CALL_ID = string('The call identifier.', like(ACTIVE_CALL.callId));
const TRACKING_ID = string(
  'The external tracking identifier: the same for all the calls of one session.',
  like(ACTIVE_CALL.externalTrackingId),
);
const IN_CONFERENCE = {
  type: 'boolean',
  description: 'Whether the call is part of a conference.',
  ...like(false),
};
const TIME = 'UTC, six decimals, no zone letter.';

const callProperties = {
  externalTrackingId: TRACKING_ID,
  personality: string(
    '`Click-to-Dial` while the own device rings for a call placed by this API; `Originator` afterwards and for calls ' +
      'dialled on the device; `Terminator` for calls that reach the user.',
    { enum: ['Click-to-Dial', 'Originator', 'Terminator'], ...like(ACTIVE_CALL.personality) },
  ),
  state: string(
    'The state of the call. `Answered`: the own device has answered, the called party has not yet. `Held` by this user, ' +
      '`Remote Held` by the other party. `Detached`: between two devices. A released call is not found any more.',
    { enum: [...WIRE_STATES], ...like(ACTIVE_CALL.state) },
  ),
  remoteParty: object({
    address: string(
      'In E.164 where there is such a number, otherwise the extension.',
      like(ACTIVE_CALL.remoteParty.address),
    ),
    callType: string('`Group` where the remote party is a user of the same group.', {
      enum: ['Group', 'Unknown'],
      ...like(ACTIVE_CALL.remoteParty.callType),
    }),
  }),
  endpoint: object({
    addressOfRecord: string(
      "The user's device that carries the call.",
      like(ACTIVE_CALL.endpoint.addressOfRecord),
    ),
  }),
  appearance: { type: 'integer', description: "The user's line that carries the call, from 1.", ...like(1) },
  startTime: string(`When the call began. ${TIME}`, like(ACTIVE_CALL.startTime)),
  answerTime: string(`When the call was established; absent before. ${TIME}`, like(ACTIVE_CALL.answerTime)),
};

const recordingProperties = {
  recorded: { type: 'boolean', description: 'Whether any of the call was recorded.', ...like(true) },
  recordingState: string(
    'Absent while nothing is recorded. `Pending`: asked for while the call is held. `Failed`: no new recording of this ' +
      'call can be started.',
    {
      enum: ['Pending', 'Started', 'Paused', 'Failed'],
      ...like('Started'),
    },
  ),
  allowedRecordingControls: string('What can be asked of the recording now; absent before the answer.', {
    enum: ['none', 'record', 'pause', 'pause-stop', 'resume', 'resume-stop', 'stop'],
    ...like('pause-stop'),
  }),
};

const CALL_REQUIRED = [
  'callId',
  'externalTrackingId',
  'personality',
  'state',
  'remoteParty',
  'endpoint',
  'appearance',
  'startTime',
  'recorded',
];

export const CALL_SCHEMA = object(
  { callId: CALL_ID, ...callProperties, ...recordingProperties },
  CALL_REQUIRED,
);

export const CALL_LIST_SCHEMA = object({
  calls: {
    type: 'array',
    items: object(
      {
        callId: CALL_ID,
        inConference: IN_CONFERENCE,
        ...callProperties,
        uri: string('The path of the call. Only in lists with details.', like(CALL_PATH)),
        ...recordingProperties,
      },
      ['callId', 'inConference'],
    ),
  },
});

export const STARTED_CALL_SCHEMA = object({ callId: CALL_ID, externalTrackingId: TRACKING_ID });

export const EMPTY_SCHEMA = { type: 'object', properties: {}, additionalProperties: false };

export const PROBLEM_SCHEMA = object(
  {
    type: string('Names the kind of refusal: one for each text.', like('/problems/invalid-call-operation')),
    title: string('The kind in words; `INVALID_CALL_OPERATION` for code 59.', like('INVALID_CALL_OPERATION')),
    status: { type: 'integer', description: 'The HTTP status again.', ...like(400) },
    code: {
      type: 'integer',
      description: "The reference's code, where it has one.",
      enum: [59],
      ...like(59),
    },
    detail: string('What was wrong and what can be done.', like('The state of the call is not valid.')),
    instance: string('The path that was asked for.', like(CALL_PATH)),
    errors: {
      type: 'array',
      description: 'Each field that was wrong.',
      items: object(
        {
          field: string('Name of the field; `body` for the body as a whole.', like('phoneNumber')),
          message: string('What was wrong with it.', like('must be a string of 1 to 64 characters')),
          allowed: {
            type: 'array',
            items: { type: 'string' },
            description: 'What would do.',
            ...like(['true', 'false']),
          },
        },
        ['field', 'message'],
      ),
    },
    callState: string('The state of the call that did not allow the command.', {
      enum: [...WIRE_STATES],
      ...like('Held'),
    }),
    allowedActions: {
      type: 'array',
      items: { type: 'string', enum: [...MODIFY_ACTIONS] },
      description: 'The actions that the state of the call allows now.',
      ...like(['reconnect', 'blindTransfer']),
    },
  },
  ['type', 'title', 'status', 'detail'],
);
