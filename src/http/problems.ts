import { INVALID_OPERATION_TEXTS } from '../calls/domain/call-refused.js';
import type { RefusalReason } from '../calls/domain/call-refused.js';

/** RFC 9457 */
export const PROBLEM_TYPE = 'application/problem+json';

/** One kind of refusal. `type` on the wire is `/problems/` and the slug (RFC 9457). */
export interface Problem {
  slug: string;
  title: string;
  status: number;
  /** The reference's own code, where it has one. */
  code?: number;
  detail: string;
}

const invalidOperation = (slug: string, reason: keyof typeof INVALID_OPERATION_TEXTS): Problem => ({
  slug,
  title: 'INVALID_CALL_OPERATION',
  status: 400,
  code: 59,
  detail: INVALID_OPERATION_TEXTS[reason],
});

const refusal = (status: number, slug: string, detail: string): Problem => ({
  slug,
  title: slug.replaceAll('-', '_').toUpperCase(),
  status,
  detail,
});

const CALL_PROBLEMS = {
  endpointState: invalidOperation('invalid-endpoint-state', 'endpointState'),
  callState: invalidOperation('invalid-call-operation', 'callState'),
  callDetached: invalidOperation('call-detached', 'callDetached'),
  transferFailed: invalidOperation('transfer-failed', 'transferFailed'),
  consultationInProgress: invalidOperation('consultation-in-progress', 'consultationInProgress'),
  noChargeAddress: invalidOperation('no-charge-address', 'noChargeAddress'),
  recordingDisabled: invalidOperation('recording-disabled', 'recordingDisabled'),
  recordingFailed: invalidOperation('recording-failed', 'recordingFailed'),
  recordingStopUnsupported: invalidOperation('recording-stop-unsupported', 'recordingStopUnsupported'),
  recordingInactive: invalidOperation('recording-inactive', 'recordingInactive'),
  imrnAllocationFailed: invalidOperation('imrn-allocation-failed', 'imrnAllocationFailed'),
  invalidPhoneNumber: refusal(400, 'invalid-phone-number', 'invalid phone number'),
  callNotFound: refusal(404, 'call-not-found', 'call not found'),
  sameCall: refusal(400, 'same-call', 'A call cannot be transferred to itself: name another call.'),
  noCallToRetrieve: refusal(404, 'no-call-to-retrieve', 'no call to retrieve'),
  invalidCallState: refusal(400, 'invalid-call-state', 'invalid call state'),
  callingNumberNotFound: refusal(404, 'calling-number-not-found', 'callingPhoneNumber not found'),
  callBusy: refusal(409, 'call-busy', 'Another change of this call is under way. Try again.'),
  shuttingDown: refusal(
    503,
    'shutting-down',
    'The service is about to stop and lets no new calls in. Try again: another instance, or the next start, will.',
  ),
  engineUnavailable: refusal(
    503,
    'engine-unavailable',
    'A part that the telephone switch needs, such as its media node, cannot be reached. Try again.',
  ),
  engineBadAnswer: refusal(
    502,
    'engine-bad-answer',
    'The telephone switch gave no answer that can be understood. Whether the change was made is not known: look before you repeat it.',
  ),
  engineTimeout: refusal(504, 'engine-timeout', 'The phone or the switch did not answer in time.'),
} satisfies Record<RefusalReason, Problem>;

/** Every refusal of the service: the one table that the answers and the documentation are made from. */
export const PROBLEMS = {
  ...CALL_PROBLEMS,
  invalidRequest: refusal(400, 'invalid-request', 'The request is not valid; `errors` names each field.'),
  invalidJson: refusal(400, 'invalid-json', 'The body is not valid JSON.'),
  malformedRequest: refusal(400, 'malformed-request', 'This is not a well-formed HTTP request.'),
  malformedUrl: refusal(400, 'malformed-url', 'The path holds a percent-encoding that is not valid.'),
  unauthorized: refusal(
    401,
    'unauthorized',
    'A valid bearer token is needed in the header "Authorization: Bearer <token>".',
  ),
  invalidCallingUser: refusal(
    403,
    'invalid-calling-user',
    'invalid calling user: there is no such user, or this token may not act for it.',
  ),
  routeNotFound: refusal(404, 'route-not-found', 'There is nothing at this path.'),
  methodNotAllowed: refusal(
    405,
    'method-not-allowed',
    'The path does not take this method; "Allow" names those it takes.',
  ),
  requestTimeout: refusal(408, 'request-timeout', 'The request did not arrive completely in time.'),
  bodyTooLarge: refusal(413, 'body-too-large', 'The body is larger than 16 KiB.'),
  uriTooLong: refusal(414, 'uri-too-long', 'The path and query are longer than 8 KiB.'),
  unsupportedMediaType: refusal(
    415,
    'unsupported-media-type',
    'The body must be JSON, sent with "Content-Type: application/json".',
  ),
  expectationFailed: refusal(
    417,
    'expectation-failed',
    'The only expectation that is met is "Expect: 100-continue".',
  ),
  tooManyRequests: refusal(
    429,
    'too-many-requests',
    'More requests than this token, or this address without a valid token, may make. "Retry-After" says when to go on.',
  ),
  headerTooLarge: refusal(
    431,
    'header-too-large',
    'The request line and the header together are larger than 16 KiB.',
  ),
  internalError: refusal(
    500,
    'internal-error',
    'Something went wrong inside the service. It has been logged.',
  ),
  serviceUnavailable: refusal(
    503,
    'service-unavailable',
    'A part that the service needs, such as the keys of the token issuer, cannot be reached. Try again.',
  ),
  storeUnavailable: refusal(
    503,
    'store-unavailable',
    'The store of calls cannot be reached. Whether the change was made is not known: look before you repeat it.',
  ),
} satisfies Record<string, Problem>;

export type ProblemName = keyof typeof PROBLEMS;

export interface FieldError {
  /** Name of the field of the body or query; `body` for the body as a whole. */
  field: string;
  message: string;
  /** The values, or the names of fields, that would do. */
  allowed?: readonly string[];
}

/** What an answer tells beside the table. */
export interface ProblemExtension {
  /** Takes the place of the table's detail. */
  detail?: string;
  errors?: FieldError[];
  callState?: string;
  allowedActions?: readonly string[];
}

export interface ProblemBody extends ProblemExtension {
  type: string;
  title: string;
  status: number;
  code?: number;
  detail: string;
  instance?: string;
}

/** A refusal by the HTTP layer itself. */
export class HttpProblem extends Error {
  constructor(
    readonly problem: ProblemName,
    readonly extension: ProblemExtension = {},
    /** Headers of the answer beside those that the filter sets itself. */
    readonly headers: Record<string, string> = {},
  ) {
    super(PROBLEMS[problem].slug);
  }
}

/** The body of an `application/problem+json` answer (RFC 9457). @param instance path of the request */
export function problemBody(
  name: ProblemName,
  instance?: string,
  extension: ProblemExtension = {},
): ProblemBody {
  const { slug, title, status, code, detail }: Problem = PROBLEMS[name];
  return {
    type: `/problems/${slug}`,
    title,
    status,
    ...(code === undefined ? {} : { code }),
    detail,
    ...(instance === undefined ? {} : { instance }),
    ...extension,
  };
}
