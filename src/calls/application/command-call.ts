import type { Call } from '../domain/call.js';
import { allowedCommands, allows, type CallCommand } from '../domain/call-lifecycle.js';
import { CallRefused, type RefusalReason } from '../domain/call-refused.js';
import { EngineRefusal, type EngineRefusalReason } from './call-engine.js';

/** Puts a command to the engine if the lifecycle allows it. @throws CallRefused */
export async function commandCall(call: Call, command: CallCommand, ask: () => Promise<void>): Promise<void> {
  const situation = { callState: call.state, allowedActions: allowedCommands(call) };
  if (!allows(call, command)) {
    throw new CallRefused(call.state === 'Detached' ? 'callDetached' : 'callState', situation);
  }
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error;
    throw new CallRefused(REFUSALS[error.reason], error.reason === 'callGone' ? {} : situation);
  }
}

const REFUSALS: Record<EngineRefusalReason, RefusalReason> = {
  callGone: 'callNotFound',
  noDevice: 'endpointState',
  refused: 'endpointState',
  busy: 'callBusy',
  timeout: 'engineTimeout',
};
