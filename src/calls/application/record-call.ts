import { Injectable } from '@nestjs/common';
import type { User } from '../../directory/domain/user.js';
import { CallRefused } from '../domain/call-refused.js';
import { judgeRecording, type RecordingCommand } from '../domain/recording.js';
import { CallEngine } from './call-engine.js';
import { CommandCall, mustAllow, situationOf } from './command-call.js';
import { GetCall } from './get-call.js';

@Injectable()
export class RecordCall {
  constructor(
    private readonly calls: GetCall,
    private readonly commands: CommandCall,
    private readonly engine: CallEngine,
  ) {}

  /** Starts, pauses, resumes or stops the recording; what is in effect already succeeds. @throws CallRefused */
  async record(user: User, callId: string, command: RecordingCommand): Promise<void> {
    const { call } = await this.calls.get(user, callId);
    mustAllow(call, command);
    const judgement = judgeRecording(call, command);
    if (judgement === 'inEffect') return;
    if (judgement !== 'do') throw new CallRefused(judgement, situationOf(call));
    await this.commands.run(call, command, () => this.engine[command](call));
  }
}
