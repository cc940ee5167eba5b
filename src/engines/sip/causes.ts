import type { ReleaseCause } from '../../calls/domain/call.js';

/** Why a call ended, from the final response to its INVITE (RFC 3261 §21). */
export function causeOfStatus(status: number): ReleaseCause {
  switch (status) {
    case 486:
    case 600:
      return 'busy';
    case 408:
    case 480:
    case 503:
      return 'unreachable';
    case 404:
    case 410:
    case 484:
    case 604:
      return 'notInService';
    case 403:
    case 603:
      return 'declined';
    case 487:
      return 'canceled';
    case 415:
    case 488:
    case 606:
      return 'mediaRefused';
    default:
      return 'engineFailure';
  }
}

/** What a caller's phone is answered when its call comes to nothing. */
export function statusOfCause(cause: ReleaseCause): number {
  return STATUS[cause] ?? 480;
}

const STATUS: Partial<Record<ReleaseCause, number>> = {
  busy: 486,
  declined: 603,
  notInService: 404,
  canceled: 487,
  mediaRefused: 488,
  engineFailure: 500,
};

/**
 * The response that speaks for several forks: a 6xx first, then what a person did, then the lowest
 * (RFC 3261 §16.7 step 6).
 */
export function bestOf(statuses: number[]): number {
  return statuses.toSorted((a, b) => rank(a) - rank(b))[0] ?? 480;
}

function rank(status: number): number {
  if (status >= 600) return 0;
  if (status === 486) return 1;
  return status === 603 || status === 480 ? 2 : status;
}
