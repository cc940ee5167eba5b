import type { ProblemName } from '../../src/http/problems.js';

const NEVER_BY_ITSELF = 'Correct the request; repeated as it is, it is refused again.';
const ASK_THE_STATE = 'Look at `callState` and `allowedActions`, and offer the user what is possible now.';

/** What a client does about each refusal. What brings it about is in `src/http/problem-causes.ts`. */
export const WHAT_TO_DO: Record<ProblemName, string> = {
  endpointState: 'Have the user look at the phone. After a refused change the call is as before.',
  callState: ASK_THE_STATE,
  callDetached: 'Wait until it is on a device again or has ended. Where the device was lost, retrieve it.',
  transferFailed: 'Tell the user. The call is as before, and another target can be tried.',
  consultationInProgress: 'Wait for that one to end.',
  noChargeAddress: 'The operator gives the user one in the directory.',
  recordingDisabled: 'Offer no more than `allowedRecordingControls` says.',
  recordingFailed: 'Tell the user that the call is not recorded. The call itself goes on.',
  recordingStopUnsupported: 'Offer no more than `allowedRecordingControls` says.',
  recordingInactive: 'Offer no more than `allowedRecordingControls` says.',
  imrnAllocationFailed:
    'Try again when a lease may have ended (`IMRN_TTL`). If it happens often, the operator makes the pool larger.',
  invalidPhoneNumber: NEVER_BY_ITSELF,
  callNotFound: 'Take it out of what is shown, and ask for the list.',
  sameCall: NEVER_BY_ITSELF,
  noCallToRetrieve: 'Ask for the list.',
  invalidCallState: 'Ask for the list, and try again when a call is `Active` or `Held`.',
  callingNumberNotFound:
    'Name the office number, the extension or a mobile number that the directory has for the user.',
  callBusy: 'Try again after a moment, once the call has been looked at. Nothing was changed.',
  engineUnavailable: 'Wait for `Retry-After` and try again. The call is as before.',
  engineBadAnswer:
    'Look at the calls before you repeat. If it happens again, report it to the operator with the id of the request.',
  engineTimeout:
    'Look at the call before you repeat: the change may still come about, and its state follows.',
  invalidRequest: NEVER_BY_ITSELF,
  invalidJson: NEVER_BY_ITSELF,
  malformedRequest: NEVER_BY_ITSELF,
  malformedUrl: NEVER_BY_ITSELF,
  unauthorized: 'Get a new token. `WWW-Authenticate` is the challenge of RFC 6750.',
  invalidCallingUser: 'Compare the ids of the path with those of the token.',
  routeNotFound: NEVER_BY_ITSELF,
  methodNotAllowed: 'Use one of those that the header `Allow` names.',
  requestTimeout: 'Send them in one go, and look at the network between.',
  bodyTooLarge: NEVER_BY_ITSELF,
  unsupportedMediaType: NEVER_BY_ITSELF,
  expectationFailed: 'Leave the header out.',
  headerTooLarge: 'Get a token with fewer claims.',
  internalError:
    'Look at the call before you repeat, and report it to the operator with the id of the request.',
  serviceUnavailable: 'Wait for `Retry-After` and try again. Nothing was changed.',
  shuttingDown:
    'Wait for `Retry-After` and try again: another instance or the next start takes the call. Nothing was changed.',
  uriTooLong: NEVER_BY_ITSELF,
  tooManyRequests: 'Wait for `Retry-After`, and ask less often. Nothing was changed.',
  storeUnavailable: 'Wait for `Retry-After`, and look at the calls before you repeat a change.',
};
