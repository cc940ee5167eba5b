/** The examples of the OpenAPI document, from a run in the sandbox; a test compares them with a run of today. */
export const CALL_PATH =
  '/api/v1/tenants/foo/groups/foogroup/users/foouser/services/calls/callhalf-7530609546807702888:0/';

export const STARTED_CALL = {
  callId: 'callhalf-7530609546807702888:0',
  externalTrackingId: 'cb60f793-6277-49f3-b37c-bfdc8bec29aa',
};

const details = {
  externalTrackingId: STARTED_CALL.externalTrackingId,
  personality: 'Originator',
  state: 'Active',
  remoteParty: { address: '+3212345678', callType: 'Unknown' },
  endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
  appearance: 1,
  startTime: '2026-11-23T12:33:47.918000',
  answerTime: '2026-11-23T12:33:48.437000',
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
