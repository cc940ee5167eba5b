import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';
import type { Call } from '../domain/call.js';
import { CallRefused } from '../domain/call-refused.js';
import { CallEngine } from './call-engine.js';
import { CommandCall, mustAllow, situationOf } from './command-call.js';
import { GetCall } from './get-call.js';

/** Joins the remote parties of two calls of the user. */
@Injectable()
export class ConsultativeTransfer {
  constructor(
    private readonly calls: GetCall,
    private readonly commands: CommandCall,
    private readonly engine: CallEngine,
  ) {}

  /**
   * The situation told is that of the call that stands in the way.
   * @param consultedId the call of the consulted party @throws CallRefused sameCall, transferFailed…
   */
  async transfer(user: User, callId: string, consultedId: string): Promise<void> {
    if (callId === consultedId) throw new CallRefused('sameCall');
    const { call } = await this.calls.get(user, callId);
    const { call: consulted } = await this.calls.get(user, consultedId);
    for (const each of [call, consulted]) mustAllow(each, 'consultativeTransfer');
    if (stillRings(call) && stillRings(consulted)) throw new CallRefused('callState', situationOf(consulted));
    await this.commands.run(call, 'consultativeTransfer', () =>
      this.engine.consultativeTransfer(call, consulted),
    );
  }
}

/** Nobody has answered yet whom the remote party of the other call could be joined with. */
function stillRings({ state }: Call): boolean {
  return state === 'Alerting' || state === 'Answered';
}
