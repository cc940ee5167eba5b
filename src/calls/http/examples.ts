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

export const ACTIVE_CALL = {
  callId: STARTED_CALL.callId,
  ...details,
  recorded: false,
  allowedRecordingControls: 'record',
};

export const RECORDED_CALL = {
  ...ACTIVE_CALL,
  recorded: true,
  recordingState: 'Started',
  allowedRecordingControls: 'pause-stop',
};

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
  calls: [{ inConference: false, uri: CALL_PATH, ...ACTIVE_CALL }],
};

export const NO_CALLS = { calls: [] };

/** Of another call than the one that was retrieved, with the same tracking id. */
export const RETRIEVED_CALL = { ...STARTED_CALL, callId: 'callhalf-7530609546807702901:0' };

export const HELD_CALL = { ...ACTIVE_CALL, state: 'Held' };

export const DIAL_BODIES = {
  number: { phoneNumber: '+3212345678' },
  extension: { phoneNumber: '5601' },
};

/** Bodies that are refused, by the slug of the refusal. */
export const REFUSED_DIALS = { 'invalid-phone-number': { phoneNumber: 'sip:foo@example.test' } };
export const NOT_A_NUMBER =
  '"sip:foo@example.test" is an address, not a phone number: give +32-12345678, 0032 12345678, a national number of BE, ' +
  'or an extension of 4 digits.';
export const REFUSED_MODIFICATIONS = {
  'transfer-failed': { action: 'blindTransfer', phoneNumber: '+3212345680' },
  'invalid-phone-number': { action: 'blindTransfer', phoneNumber: 'sip:foo@example.test' },
  'invalid-request': { action: 'hold', phoneNumber: '+3212345765' },
};

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
