import { EngineRefusal, type EngineRefusalReason } from '../../calls/application/call-engine.js';
import { XsiBadAnswer, XsiError, XsiRefused, XsiTimeout, XsiUnavailable } from './xsi/errors.js';

/** What it means that the switch does not want to, and what that it knows no such call: by default the same. */
export interface InWords {
  refused: EngineRefusalReason;
  gone?: EngineRefusalReason;
}

/**
 * What has come of asking a switch, in words of the port. Clients are told the id of the cluster, never its address.
 * @returns the error itself where it is none of the switch
 */
export function refusalFor(error: unknown, cluster: string, words: InWords): unknown {
  if (!(error instanceof XsiError)) return error;
  const reason = reasonOf(error, words);
  const told = TOLD[reason]?.(cluster);
  return new EngineRefusal(reason, told, { cause: error });
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

/** Sent, and then the connection broke or the switch failed. One that says 503 has not begun. */
function isLost(error: XsiError): boolean {
  return error instanceof XsiUnavailable && error.sent && error.status !== 503;
}

function reasonOf(error: XsiError, { refused, gone = refused }: InWords): EngineRefusalReason {
  if (error instanceof XsiTimeout) return 'timeout';
  if (error instanceof XsiBadAnswer || isLost(error)) return 'badAnswer';
  if (!(error instanceof XsiRefused) || isAboutCredentials(error)) return 'unavailable';
  return error.status === 404 ? gone : refused;
}

const TOLD: Partial<Record<EngineRefusalReason, (cluster: string) => string>> = {
  timeout: (cluster) => `The switch of cluster ${cluster} did not answer in time.`,
  badAnswer: (cluster) => `The switch of cluster ${cluster} gave no answer that can be understood.`,
  unavailable: (cluster) => `The switch of cluster ${cluster} cannot be used now.`,
};
