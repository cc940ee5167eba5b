import { Injectable } from '@nestjs/common';
import type { Call } from '../domain/call.js';
import { allowedCommands, allows, type CallCommand } from '../domain/call-lifecycle.js';
import { CallRefused } from '../domain/call-refused.js';
import { EngineRefusal, type EngineRefusalReason } from './call-engine.js';
import { CallJournal } from './call-journal.js';
import { CallRepository } from './call-repository.js';
import { refusedByEngine } from './engine-refusals.js';

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
  async run<T>(call: Call, command: CallCommand, ask: () => Promise<T>): Promise<T> {
    mustAllow(call, command);
    try {
      return await this.journal.whileStoring(call.externalTrackingId, ask());
    } catch (error) {
      if (!(error instanceof EngineRefusal)) throw error;
      throw refusedByEngine(error, await this.situationNow(call, error.reason));
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
