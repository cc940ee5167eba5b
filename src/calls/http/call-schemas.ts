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

const CALL_ID = string('The call identifier.');
const TRACKING_ID = string('The external tracking identifier: the same for all the calls of one session.');
const IN_CONFERENCE = { type: 'boolean', description: 'Whether the call is part of a conference.' };
const TIME = 'UTC, six decimals, no zone letter.';

const callProperties = {
  externalTrackingId: TRACKING_ID,
  personality: string(
    '`Click-to-Dial` while the own device rings for a call placed by this API; `Originator` afterwards and for calls ' +
      'dialled on the device; `Terminator` for calls that reach the user.',
    { enum: ['Click-to-Dial', 'Originator', 'Terminator'] },
  ),
  state: string('The state of the call.', { enum: [...WIRE_STATES] }),
  remoteParty: object({
    address: string('In E.164 where there is such a number, otherwise the extension.'),
    callType: string('`Group` where the remote party is a user of the same group.', {
      enum: ['Group', 'Unknown'],
    }),
  }),
  endpoint: object({ addressOfRecord: string("The user's device that carries the call.") }),
  appearance: { type: 'integer', description: "The user's line that carries the call, from 1." },
  startTime: string(`When the call began. ${TIME}`),
  answerTime: string(`When the call was established; absent before. ${TIME}`),
};

const recordingProperties = {
  recorded: { type: 'boolean', description: 'Whether the call is on recording.' },
  recordingState: string('Absent while there is no recording.', {
    enum: ['Pending', 'Started', 'Paused', 'Failed'],
  }),
  allowedRecordingControls: string('What can be asked of the recording now.', {
    enum: ['none', 'record', 'pause', 'pause-stop', 'resume', 'resume-stop', 'stop'],
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
        uri: string('The path of the call. Only in lists with details.'),
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
    type: string('Names the kind of refusal: one for each text.'),
    title: string('The kind in words; `INVALID_CALL_OPERATION` for code 59.'),
    status: { type: 'integer', description: 'The HTTP status again.' },
    code: { type: 'integer', description: "The reference's code, where it has one.", enum: [59] },
    detail: string('What was wrong and what can be done.'),
    instance: string('The path that was asked for.'),
    errors: {
      type: 'array',
      description: 'Each field that was wrong.',
      items: object(
        {
          field: string('Name of the field; `body` for the body as a whole.'),
          message: string('What was wrong with it.'),
          allowed: { type: 'array', items: { type: 'string' }, description: 'What would do.' },
        },
        ['field', 'message'],
      ),
    },
    callState: string('The state of the call that did not allow the command.', { enum: [...WIRE_STATES] }),
    allowedActions: {
      type: 'array',
      items: { type: 'string', enum: [...MODIFY_ACTIONS] },
      description: 'The actions that the state of the call allows now.',
    },
  },
  ['type', 'title', 'status', 'detail'],
);
