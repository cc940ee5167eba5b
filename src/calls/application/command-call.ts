import { Injectable } from '@nestjs/common';
import type { Call } from '../domain/call.js';
import { allowedCommands, allows, type CallCommand } from '../domain/call-lifecycle.js';
import { CallRefused, type RefusalReason } from '../domain/call-refused.js';
import { EngineRefusal, type EngineRefusalReason } from './call-engine.js';
import { CallJournal } from './call-journal.js';
import { CallRepository } from './call-repository.js';

/** The way of every command to the engine. */
@Injectable()
export class CommandCall {
  constructor(
    private readonly repository: CallRepository,
    private readonly journal: CallJournal,
  ) {}

  /**
   * Asks the engine if the lifecycle allows the command. @throws CallRefused with the call as it is by then;
   * StoreUnavailable where the store does not take what has come of it: it is stored later
   */
  async run(call: Call, command: CallCommand, ask: () => Promise<void>): Promise<void> {
    mustAllow(call, command);
    try {
      await this.journal.whileStoring(call.externalTrackingId, ask());
    } catch (error) {
      if (!(error instanceof EngineRefusal)) throw error;
      throw new CallRefused(REFUSALS[error.reason], await this.situationNow(call, error.reason));
    }
  }

  private async situationNow(call: Call, reason: EngineRefusalReason): Promise<CallRefused['detail']> {
    if (reason === 'callGone') return {};
    // The refusal stands, whatever has become of the store.
    const now = await this.repository.find(call.callId).catch(() => undefined);
    return now ? situationOf(now) : {};
  }
}

/** @throws CallRefused callState, callDetached */
export function mustAllow(call: Call, command: CallCommand): void {
  if (allows(call, command)) return;
  throw new CallRefused(call.state === 'Detached' ? 'callDetached' : 'callState', situationOf(call));
}

/** What a refusal tells of the call. */
export function situationOf(call: Call): CallRefused['detail'] {
  return { callState: call.state, allowedActions: allowedCommands(call) };
}

const REFUSALS: Record<EngineRefusalReason, RefusalReason> = {
  callGone: 'callNotFound',
  noDevice: 'endpointState',
  refused: 'endpointState',
  transferFailed: 'transferFailed',
  consultationInProgress: 'consultationInProgress',
  recordingDisabled: 'recordingDisabled',
  recordingFailed: 'recordingFailed',
  unavailable: 'engineUnavailable',
  busy: 'callBusy',
  timeout: 'engineTimeout',
};
