import { EngineRefusal, type EngineRefusalReason } from '../../calls/application/call-engine.js';
import { XsiBadAnswer, XsiError, XsiRefused, XsiTimeout, XsiUnavailable } from './xsi/errors.js';

/**
 * What has come of asking a switch, in words of the port. Clients are told the id of the cluster, never its address.
 * @param refused what it means here that the switch does not want to @param gone what it means that it knows no such call
 */
export function refusalFor(
  error: unknown,
  cluster: string,
  refused: EngineRefusalReason,
  gone: EngineRefusalReason = refused,
): unknown {
  if (!(error instanceof XsiError)) return error;
  const cause = { cause: error };
  if (error instanceof XsiTimeout)
    return new EngineRefusal('timeout', `The switch of cluster ${cluster} did not answer in time.`, cause);
  if (error instanceof XsiBadAnswer)
    return new EngineRefusal(
      'badAnswer',
      `The answer of the switch of cluster ${cluster} cannot be understood.`,
      cause,
    );
  if (error instanceof XsiRefused && !isAboutCredentials(error))
    return new EngineRefusal(error.status === 404 ? gone : refused, undefined, cause);
  return new EngineRefusal('unavailable', `The switch of cluster ${cluster} cannot be reached now.`, cause);
}

/** The switch does not take the service for whom it says it is: nothing that a client could put right. */
export function isAboutCredentials(error: unknown): boolean {
  return error instanceof XsiRefused && (error.status === 401 || error.status === 403);
}

/** Whether the switch may have done what it was asked for, without anybody having heard of it. */
export function maybeDone(error: unknown): boolean {
  return (
    error instanceof XsiTimeout ||
    error instanceof XsiBadAnswer ||
    (error instanceof XsiUnavailable && error.sent)
  );
}
