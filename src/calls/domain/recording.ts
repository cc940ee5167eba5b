import type { Call, RecordingState } from './call.js';
import type { RecordingFact } from './call-fact.js';

/**
 * The table of a call's recording: state × fact → state. `None`: nothing is recorded. A pair that is not listed cannot
 * happen.
 */
export const RECORDING_TRANSITIONS: Record<
  RecordingState | 'None',
  Partial<Record<RecordingFact['kind'], RecordingState | 'None'>>
> = {
  None: { recordingPending: 'Pending', recordingStarted: 'Started', recordingFailed: 'Failed' },
  Pending: { recordingStarted: 'Started', recordingStopped: 'None', recordingFailed: 'Failed' },
  Started: { recordingPaused: 'Paused', recordingStopped: 'None', recordingFailed: 'Failed' },
  Paused: { recordingResumed: 'Started', recordingStopped: 'None', recordingFailed: 'Failed' },
  Failed: {},
};

export const RECORDING_COMMANDS = [
  'startRecording',
  'pauseRecording',
  'resumeRecording',
  'stopRecording',
] as const;
export type RecordingCommand = (typeof RECORDING_COMMANDS)[number];

export type RecordingRefusal =
  'recordingDisabled' | 'recordingFailed' | 'recordingStopUnsupported' | 'recordingInactive';

export type RecordingControls =
  'none' | 'record' | 'pause' | 'pause-stop' | 'resume' | 'resume-stop' | 'stop';

/** Always recorded from the answer on. */
export function recordsAlways(call: Pick<Call, 'recordingMode'>): boolean {
  return call.recordingMode === 'Always' || call.recordingMode === 'Always with Pause/Resume';
}

/** "Call Recording Control" of the reference page; undefined before the call is established. */
export function allowedRecordingControls(call: Call): RecordingControls | undefined {
  if (call.answerTime === undefined) return undefined;
  if (call.state === 'Detached') return 'none';
  const offered = offeredRecordingCommands(call).map((command) => CONTROLS[command]);
  return offered.length > 0 ? (offered.join('-') as RecordingControls) : 'none';
}

const CONTROLS = {
  startRecording: 'record',
  pauseRecording: 'pause',
  resumeRecording: 'resume',
  stopRecording: 'stop',
} as const satisfies Record<RecordingCommand, RecordingControls>;

/** The commands that would change the recording now, other than the start that comes by itself. */
export function offeredRecordingCommands(call: Call): RecordingCommand[] {
  return RECORDING_COMMANDS.filter(
    (command) =>
      judgeRecording(call, command) === 'do' && !(command === 'startRecording' && recordsAlways(call)),
  );
}

/**
 * What a command means for the recording as it is: to be carried out, in effect already (asking again succeeds), or
 * why not. The state of the call is looked at elsewhere.
 */
export function judgeRecording(call: Call, command: RecordingCommand): 'do' | 'inEffect' | RecordingRefusal {
  const { recordingMode: mode, recordingState: state } = call;
  if (mode === 'Never') return 'recordingDisabled';
  if (state === 'Failed') return 'recordingFailed';
  if (command === 'startRecording') return state === undefined ? 'do' : 'inEffect';
  if (command === 'stopRecording') {
    if (mode !== 'On Demand with User Initiated Start') return 'recordingStopUnsupported';
    return state === undefined ? 'recordingInactive' : 'do';
  }
  if (mode === 'Always') return 'recordingDisabled';
  if (state !== 'Started' && state !== 'Paused') return 'recordingInactive';
  const wanted = command === 'pauseRecording' ? 'Paused' : 'Started';
  return state === wanted ? 'inEffect' : 'do';
}
