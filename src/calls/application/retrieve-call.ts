import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';
import type { Call } from '../domain/call.js';
import { CallRefused } from '../domain/call-refused.js';
import { CallEngine, type CallIds, EngineRefusal } from './call-engine.js';
import { nameCall } from './call-context.js';
import { CommandCall } from './command-call.js';
import { ListCalls } from './list-calls.js';

/** Pulls the user's call to another device of the same user (reference page, "Call Retrieve"). */
@Injectable()
export class RetrieveCall {
  constructor(
    private readonly ongoing: ListCalls,
    private readonly commands: CommandCall,
    private readonly engine: CallEngine,
  ) {}

  /** @throws CallRefused noCallToRetrieve, invalidCallState, endpointState where there is no other device */
  async retrieve(user: User): Promise<CallIds> {
    const { calls } = await this.ongoing.list(user);
    if (calls.length === 0) throw new CallRefused('noCallToRetrieve');
    const call = callToRetrieve(calls);
    if (!call) throw new CallRefused('invalidCallState');
    const ids = await this.commands.run(call, 'retrieve', () =>
      this.engine.retrieve(call, user).catch((error: unknown) => inWordsOfARetrieve(error, call)),
    );
    nameCall(ids);
    return ids;
  }
}

/** The call that the user talks on, else one whose device is lost, else the one held last. */
function callToRetrieve(calls: Call[]): Call | undefined {
  return (
    calls.find(({ state }) => state === 'Active') ??
    calls.find(({ state }) => state === 'Remote Held') ??
    calls.find(({ state }) => state === 'Detached') ??
    calls
      .filter(({ state }) => state === 'Held' || state === 'Both Held')
      .toSorted((a, b) => (b.heldTime ?? 0) - (a.heldTime ?? 0))[0]
  );
}

/** The client has named no call that could be "not found", and one between two devices is being retrieved already. */
function inWordsOfARetrieve(error: unknown, { state }: Call): never {
  if (!(error instanceof EngineRefusal)) throw error;
  if (error.reason === 'callGone') throw new CallRefused('noCallToRetrieve');
  if (error.reason === 'busy' && state === 'Detached') throw new CallRefused('invalidCallState');
  throw error;
}
