import type { ProblemName } from './problems.js';

/**
 * What brings each refusal about, in Markdown: beside its example on the page of the API. Where the demo directory and
 * the sandbox can show it, it says how.
 */
export const PROBLEM_CAUSES: Record<ProblemName, string> = {
  endpointState:
    'No device of the user can be rung, or a phone refuses the change. To see it: call a number as `offlineuser`, or retrieve as `baruser`, who has one device.',
  callState:
    'The state of the call does not allow the action; `allowedActions` names those it allows. To see it: `reconnect` a call that is `Active`.',
  callDetached:
    'The call is between two devices. To see it: any action on the call while a retrieve rings the other devices.',
  transferFailed:
    'The target is busy, declines or does not answer. To see it: `blindTransfer` to `+3212345680`.',
  consultationInProgress: 'One of the two calls is in another consultative transfer.',
  noChargeAddress: 'The user has neither a number nor an extension. To see it: call a number as `quxuser`.',
  recordingDisabled:
    'The recording mode of the user does not allow it. To see it: `startRecording` as `bazuser`, whose mode is `Never`.',
  recordingFailed: 'The recording cannot be written; no recording action succeeds on this call after that.',
  recordingStopUnsupported:
    'The recording mode of the user does not allow it. To see it: `stopRecording` as `demanduser`.',
  recordingInactive: 'Nothing is recorded. To see it: `stopRecording` before `startRecording`.',
  imrnAllocationFailed:
    'No number of the pool is free. The demo directory has three: lease for a fourth `phoneNumber`.',
  invalidPhoneNumber:
    'Neither a number that can be called nor an extension of the group; the request examples have one.',
  callNotFound: 'The user has no such call, or has it no more. To see it: release the call twice.',
  sameCall: '`transferCallId` is the call of the path.',
  noCallToRetrieve: 'The user has no call.',
  invalidCallState:
    'None of the calls of the user is established on a device: retrieve while it still rings.',
  callingNumberNotFound: '`callingPhoneNumber` is no number of the user; the request examples have one.',
  callBusy: 'Two changes of one call at the same time.',
  engineUnavailable: 'The telephone switch, or the media node that carries the audio, is down.',
  engineBadAnswer:
    'The telephone switch, or what stands before it, fails at the request, breaks off the connection, or sends something else than an answer.',
  engineTimeout: 'A phone, or the telephone switch, says nothing to what it is asked for.',
  invalidRequest:
    'A field is missing, unknown or wrong. To see it: add one to the body, or ask with `?includeDetails=maybe`.',
  invalidJson: 'The body is broken. To see it: `{"phoneNumber": `',
  malformedRequest: 'What arrives is not HTTP.',
  malformedUrl: 'A percent sign in the path that stands for nothing, such as `%ZZ`.',
  unauthorized: 'No token, or one that has run out. To see it: *Authorize*, *Logout*.',
  invalidCallingUser:
    "The token is another user's. To see it: `baruser` as `userId`, with the token of foouser.",
  routeNotFound: 'The path is none of the service.',
  methodNotAllowed: 'The path is there for other methods.',
  requestTimeout: 'The request takes longer than 10 s to arrive.',
  bodyTooLarge: 'A body of more than 16 KiB.',
  unsupportedMediaType: 'A body with another content type, such as `text/plain`.',
  expectationFailed: 'An `Expect` other than `100-continue`.',
  headerTooLarge: 'A header of more than 16 KiB.',
  internalError: 'A fault of the service itself.',
  serviceUnavailable: 'The keys of the issuer of tokens cannot be fetched.',
  shuttingDown: 'The service was asked to stop, and waits for its running calls.',
  uriTooLong: 'A path with query of more than 8 KiB.',
  tooManyRequests: 'More requests in a span of time than `RATE_LIMIT` allows.',
  storeUnavailable: 'The database is down.',
};
