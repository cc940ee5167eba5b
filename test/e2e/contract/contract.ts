/**
 * What CONTRACT.md says, for those who have the repository alone. Where CONTRACT.md is there, `contract-page.spec.ts`
 * compares the two.
 */

/** The texts of code 59, in the order of "Errors". */
export const TEXTS = [
  'The endpoint state of the call is not valid.',
  'The state of the call is not valid.',
  'The call is in the detached state.',
  'Transfer has failed.',
  'Consultative transfer already in progress.',
  'User has no charge address. The User must have at least the phone number or the extension.',
  'Recording is disabled for this call.',
  'Recording has failed for this call.',
  'User recording mode does not support stop.',
  'Recording is not active.',
  'IMRN allocation failed.',
] as const;
export type Text = (typeof TEXTS)[number];

const FORBIDDEN = '403 invalid calling user';
const NO_CHARGE_ADDRESS = 'error 59 "User has no charge address. …"';

/** The table of endpoints: what each answers on success, and each of its refusals. */
export const ENDPOINTS = {
  'POST /': {
    success: '201 {callId, externalTrackingId}',
    refusals: ['400 invalid phone number', FORBIDDEN, NO_CHARGE_ADDRESS],
  },
  'GET /': { success: '200 {calls:[…]}', refusals: ['403'] },
  'GET /{callId}/': { success: '200 call details', refusals: ['403', '404 call not found'] },
  'PUT /{callId}/': { success: '200 {}', refusals: ['400 body', 'error 59', '403', '404'] },
  'DELETE /{callId}/': { success: '200 {}', refusals: ['403', '404'] },
  'POST /retrieve/': {
    success: '201 {callId, externalTrackingId}',
    refusals: ['400 invalid call state', '403', '404 no call to retrieve'],
  },
  'POST /imrn/': {
    success: '201 {imrn}',
    refusals: ['400', 'error 59 "IMRN allocation failed."', '403', '404 callingPhoneNumber not found'],
  },
} as const;
export type EndpointName = keyof typeof ENDPOINTS;

/** The example of "Errors": a `hold` of a held call. */
export const REFUSED_HOLD = {
  type: '/problems/invalid-call-operation',
  title: 'INVALID_CALL_OPERATION',
  status: 400,
  code: 59,
  detail: 'The state of the call is not valid.',
  instance: '/api/v1/…/calls/callhalf-1595867:0/',
  callState: 'Held',
  allowedActions: ['reconnect', 'blindTransfer', 'consultativeTransfer', 'startRecording'],
};
