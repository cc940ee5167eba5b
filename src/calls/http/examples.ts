/**
 * The examples of the OpenAPI document, in the shape that the running service answers with.
 * A test compares them with a real run: same keys, same formats.
 */
export const CALL_PATH =
  '/api/v1/tenants/foo/groups/foogroup/users/foouser/services/calls/callhalf-1595867:0/';

export const STARTED_CALL = {
  callId: 'callhalf-1595867:0',
  externalTrackingId: '6d435f94-9ef8-4949-b9c3-1bccd5df1c1f',
};

const details = {
  externalTrackingId: STARTED_CALL.externalTrackingId,
  personality: 'Originator',
  state: 'Active',
  remoteParty: { address: '+3212345678', callType: 'Unknown' },
  endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
  appearance: 1,
  startTime: '2021-10-29T11:45:14.535000',
  answerTime: '2021-10-29T11:45:16.722000',
};

export const ACTIVE_CALL = { callId: STARTED_CALL.callId, ...details, recorded: false };

export const ALERTING_CALL = {
  callId: STARTED_CALL.callId,
  externalTrackingId: STARTED_CALL.externalTrackingId,
  personality: 'Click-to-Dial',
  state: 'Alerting',
  remoteParty: details.remoteParty,
  endpoint: details.endpoint,
  appearance: 1,
  startTime: details.startTime,
  recorded: false,
};

export const CALL_LIST = { calls: [{ callId: STARTED_CALL.callId, inConference: false }] };

export const CALL_LIST_WITH_DETAILS = {
  calls: [{ callId: STARTED_CALL.callId, inConference: false, ...details, uri: CALL_PATH, recorded: false }],
};

export const NO_CALLS = { calls: [] };

/** Bodies of PUT, by action. */
export const MODIFY_BODIES = {
  hold: { action: 'hold' },
  reconnect: { action: 'reconnect' },
  blindTransfer: { action: 'blindTransfer', phoneNumber: '+3212345765' },
  consultativeTransfer: { action: 'consultativeTransfer', transferCallId: 'callhalf-1595875:0' },
  startRecording: { action: 'startRecording' },
  pauseRecording: { action: 'pauseRecording' },
  resumeRecording: { action: 'resumeRecording' },
  stopRecording: { action: 'stopRecording' },
};
