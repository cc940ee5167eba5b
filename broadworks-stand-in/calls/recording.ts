import { after } from '../after.ts';
import { Refused, wrongState } from '../errors.ts';
import type { CallSwitch } from './call-switch.ts';
import { type CallHalf, type RecordingState, stateOf } from './session.ts';

export type RecordingCommand = 'Record' | 'PauseRecording' | 'ResumeRecording' | 'StopRecording';

/** Facts: Xsi-Actions, "empty = accepted, not yet started". Assumption: how long the recorder takes, in milliseconds. */
const RECORDER_MS = 20;

const notAllowed = () => new Refused(409, '110007', 'The recording mode does not allow this.');
const notRecorded = () => new Refused(409, '110008', 'The call is not recorded.');

/** Facts: Xsi-Actions, "Recording modes". @throws Refused 409 */
export function commandRecording(calls: CallSwitch, half: CallHalf, command: RecordingCommand): void {
  if (!controls(half).has(command)) throw notAllowed();
  const state = stateOf(half);
  if (half.answerTime === undefined || state === 'Detached') throw wrongState();
  switch (command) {
    case 'Record':
      // Facts: Xsi-Actions, "Repeating a command already in effect succeeds".
      if (half.recordingState === undefined) begin(calls, half);
      return;
    case 'PauseRecording':
      return change(calls, half, 'Started', 'Paused', 'CallRecordingPausedEvent');
    case 'ResumeRecording':
      return change(calls, half, 'Paused', 'Started', 'CallRecordingResumedEvent');
    case 'StopRecording':
      return stop(calls, half);
  }
}

/**
 * Tells that the call is answered. Facts: Xsi-Actions, the two modes that begin with Always. Assumption: their recorder
 * is there when the call is answered.
 */
export function tellAnswered(calls: CallSwitch, half: CallHalf): void {
  const records = half.user.recordingMode.startsWith('Always');
  if (records) take(calls, half);
  calls.tell(half, 'CallAnsweredEvent');
  if (records) tellTaken(calls, half);
}

/** Facts: Xsi-Actions, "Pending, then Started when the call is retrieved". */
export function recordWhatIsPending(calls: CallSwitch, half: CallHalf): void {
  if (half.recordingState === 'Pending') begin(calls, half);
}

/** Facts: Xsi-Actions, `allowedRecordingControls`. Its values are those of the reference page. */
export function allowedControls(half: CallHalf): string | undefined {
  if (half.answerTime === undefined) return undefined;
  const allowed = controls(half);
  const { recordingState } = half;
  const words: string[] = [];
  const isAlways = half.user.recordingMode.startsWith('Always');
  if (recordingState === undefined && allowed.has('Record') && !isAlways) words.push('record');
  if (recordingState === 'Started' && allowed.has('PauseRecording')) words.push('pause');
  if (recordingState === 'Paused' && allowed.has('ResumeRecording')) words.push('resume');
  if (recordingState && recordingState !== 'Failed' && allowed.has('StopRecording')) words.push('stop');
  return stateOf(half) === 'Detached' || words.length === 0 ? 'none' : words.join('-');
}

/** Facts: Xsi-Actions, "Pause and resume: the last three; stop: only the last". Assumption: Record with all but Never. */
function controls({ user: { recordingMode } }: CallHalf): Set<RecordingCommand> {
  if (recordingMode === 'Never') return new Set();
  if (recordingMode === 'Always') return new Set(['Record']);
  const some: RecordingCommand[] = ['Record', 'PauseRecording', 'ResumeRecording'];
  return new Set(recordingMode === 'On Demand with User Initiated Start' ? [...some, 'StopRecording'] : some);
}

function begin(calls: CallSwitch, half: CallHalf): void {
  // Facts: Xsi-Actions, "Asked while held: Pending".
  if (half.side.holds) {
    half.recordingState = 'Pending';
    return calls.tell(half, 'CallUpdatedEvent');
  }
  if (half.recorderStarts) return;
  calls.tell(half, 'CallRecordingStartingEvent');
  half.recorderStarts = after(RECORDER_MS, () => {
    delete half.recorderStarts;
    if (half.side.holds) return begin(calls, half);
    take(calls, half);
    tellTaken(calls, half);
  });
}

/** The recorder takes the call, or cannot. */
function take(calls: CallSwitch, half: CallHalf): void {
  half.recordingState = calls.recordingFails ? 'Failed' : 'Started';
  if (!calls.recordingFails) half.recorded = true;
}

function tellTaken(calls: CallSwitch, half: CallHalf): void {
  if (half.recordingState === 'Failed') calls.tell(half, 'CallRecordingStoppedEvent', 'Failed');
  else calls.tell(half, 'CallRecordingStartedEvent');
}

/** Facts: Xsi-Actions, "Stop removes recordingState". Assumption: the reason that the event names. */
function stop(calls: CallSwitch, half: CallHalf): void {
  if (half.recordingState === undefined && !half.recorderStarts) throw notRecorded();
  clearTimeout(half.recorderStarts);
  delete half.recorderStarts;
  delete half.recordingState;
  calls.tell(half, 'CallRecordingStoppedEvent', 'Stopped');
}

function change(
  calls: CallSwitch,
  half: CallHalf,
  from: RecordingState,
  to: RecordingState,
  event: 'CallRecordingPausedEvent' | 'CallRecordingResumedEvent',
): void {
  if (half.recordingState === to) return;
  if (half.recordingState !== from) throw notRecorded();
  half.recordingState = to;
  calls.tell(half, event);
}
