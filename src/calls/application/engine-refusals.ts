import { CallRefused, type RefusalReason } from '../domain/call-refused.js';
import { EngineRefusal, type EngineRefusalReason } from './call-engine.js';

const REFUSALS: Record<EngineRefusalReason, RefusalReason> = {
  callGone: 'callNotFound',
  noDevice: 'endpointState',
  refused: 'endpointState',
  transferFailed: 'transferFailed',
  consultationInProgress: 'consultationInProgress',
  recordingDisabled: 'recordingDisabled',
  recordingFailed: 'recordingFailed',
  unavailable: 'engineUnavailable',
  badAnswer: 'engineBadAnswer',
  busy: 'callBusy',
  timeout: 'engineTimeout',
};

/** Whose message is for the client: it says which part does not answer. */
const TOLD = new Set<EngineRefusalReason>(['unavailable', 'badAnswer', 'timeout']);

/** The refusal of an engine in words of the client. @param situation of the call that the command was for */
export function refusedByEngine(
  { reason, message }: EngineRefusal,
  situation: CallRefused['detail'] = {},
): CallRefused {
  const told = TOLD.has(reason) && message !== reason;
  return new CallRefused(REFUSALS[reason], { ...situation, ...(told && { message }) });
}

/** What the engine answers to something that is about no call, or begins one. @throws CallRefused */
export async function orRefused<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof EngineRefusal ? refusedByEngine(error) : error;
  }
}
