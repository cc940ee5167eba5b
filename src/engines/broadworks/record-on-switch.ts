import { EngineRefusal } from '../../calls/application/call-engine.js';
import type { Call } from '../../calls/domain/call.js';
import type { AskSwitch } from './ask-switch.js';
import type { CallCommand } from './xsi/actions.js';

type RecordingCommand = Exclude<CallCommand, 'Hold' | 'Reconnect'>;

/** The switch records, and tells later what has come of it. */
export class RecordOnSwitch {
  constructor(private readonly switches: AskSwitch) {}

  /** @throws EngineRefusal recordingFailed where the switch says so, or it has failed by the time of the answer */
  async ask(call: Call, command: RecordingCommand): Promise<void> {
    const now = await this.switches.change(
      call,
      { refused: 'recordingFailed' },
      (actions, userId) => actions.command(userId, call.callId, command),
      (stored) => stored.recordingState === 'Failed' || SHOWS[command](stored.recordingState),
    );
    if (now?.recordingState === 'Failed') throw new EngineRefusal('recordingFailed');
  }
}

const SHOWS: Record<RecordingCommand, (state: Call['recordingState']) => boolean> = {
  Record: (state) => state !== undefined,
  PauseRecording: (state) => state === 'Paused',
  ResumeRecording: (state) => state === 'Started',
  StopRecording: (state) => state === undefined,
};
