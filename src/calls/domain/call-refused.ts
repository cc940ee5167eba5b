import type { CallState } from './call.js';
import type { CallCommand } from './call-lifecycle.js';

/** The texts of code 59, INVALID_CALL_OPERATION, of the reference page, and the name of each here. */
export const INVALID_OPERATION_TEXTS = {
  endpointState: 'The endpoint state of the call is not valid.',
  callState: 'The state of the call is not valid.',
  callDetached: 'The call is in the detached state.',
  transferFailed: 'Transfer has failed.',
  consultationInProgress: 'Consultative transfer already in progress.',
  noChargeAddress:
    'User has no charge address. The User must have at least the phone number or the extension.',
  recordingDisabled: 'Recording is disabled for this call.',
  recordingFailed: 'Recording has failed for this call.',
  recordingStopUnsupported: 'User recording mode does not support stop.',
  recordingInactive: 'Recording is not active.',
  imrnAllocationFailed: 'IMRN allocation failed.',
} as const;

export type RefusalReason =
  | keyof typeof INVALID_OPERATION_TEXTS
  | 'invalidPhoneNumber'
  | 'callNotFound'
  | 'noCallToRetrieve'
  /** The consulted call of a transfer is the call itself. */
  | 'sameCall'
  /** No call of the user is in a state in which it can be retrieved. */
  | 'invalidCallState'
  /** An IMRN is asked for with a calling number that is none of the user's. */
  | 'callingNumberNotFound'
  /** Another change of the same call is under way: try again. */
  | 'callBusy'
  /** The service is about to stop and lets no new calls in. */
  | 'shuttingDown'
  /** The switch, or a part that it needs, cannot be reached. */
  | 'engineUnavailable'
  /** The switch gave no answer that can be understood. */
  | 'engineBadAnswer'
  /** The phone or the switch did not answer in time. */
  | 'engineTimeout';

/** Why a command was not carried out. The HTTP answer of each reason is in `src/http/problems.ts`. */
export class CallRefused extends Error {
  constructor(
    readonly reason: RefusalReason,
    /** Told to the client beside the reason's own text. */
    readonly detail: {
      /** What exactly was wrong, for reasons without a text of their own. */
      message?: string;
      /** The field of the request that was wrong. Default for an invalid phone number: `phoneNumber`. */
      field?: 'phoneNumber' | 'callingPhoneNumber';
      callState?: CallState;
      allowedActions?: CallCommand[];
    } = {},
  ) {
    super(detail.message ?? reason);
  }
}
