import type { Call, CallState, RecordingState } from '../../src/calls/domain/call.js';
import { allowedCommands, applyFact } from '../../src/calls/domain/call-lifecycle.js';
import {
  allowedRecordingControls,
  judgeRecording,
  RECORDING_COMMANDS,
  RECORDING_TRANSITIONS,
  type RecordingControls,
} from '../../src/calls/domain/recording.js';
import type { RecordingMode } from '../../src/directory/domain/user.js';
import { aFact, after, aNewCall, type LaterKind } from '../support/some-calls.js';

type State = RecordingState | 'None';
type Judgement = ReturnType<typeof judgeRecording>;
type Row = [RecordingMode, State, RecordingControls, Judgement, Judgement, Judgement, Judgement];

function recorded(mode: RecordingMode, state: State): Call {
  const { call } = after({ ...aNewCall().call, recordingMode: mode }, 'answered');
  return { ...call, ...(state !== 'None' && { recordingState: state }) };
}

const DISABLED = 'recordingDisabled';
const FAILED = 'recordingFailed';
const INACTIVE = 'recordingInactive';
const NO_STOP = 'recordingStopUnsupported';
const USER_START = 'On Demand with User Initiated Start';

/** Mode and state of the recording; the controls; what start, pause, resume and stop mean then. */
const TABLE: Row[] = [
  ['Never', 'None', 'none', DISABLED, DISABLED, DISABLED, DISABLED],

  ['Always', 'None', 'none', 'do', DISABLED, DISABLED, NO_STOP],
  ['Always', 'Pending', 'none', 'inEffect', DISABLED, DISABLED, NO_STOP],
  ['Always', 'Started', 'none', 'inEffect', DISABLED, DISABLED, NO_STOP],
  ['Always', 'Failed', 'none', FAILED, FAILED, FAILED, FAILED],

  ['Always with Pause/Resume', 'None', 'none', 'do', INACTIVE, INACTIVE, NO_STOP],
  ['Always with Pause/Resume', 'Pending', 'none', 'inEffect', INACTIVE, INACTIVE, NO_STOP],
  ['Always with Pause/Resume', 'Started', 'pause', 'inEffect', 'do', 'inEffect', NO_STOP],
  ['Always with Pause/Resume', 'Paused', 'resume', 'inEffect', 'inEffect', 'do', NO_STOP],
  ['Always with Pause/Resume', 'Failed', 'none', FAILED, FAILED, FAILED, FAILED],

  ['On Demand', 'None', 'record', 'do', INACTIVE, INACTIVE, NO_STOP],
  ['On Demand', 'Pending', 'none', 'inEffect', INACTIVE, INACTIVE, NO_STOP],
  ['On Demand', 'Started', 'pause', 'inEffect', 'do', 'inEffect', NO_STOP],
  ['On Demand', 'Paused', 'resume', 'inEffect', 'inEffect', 'do', NO_STOP],
  ['On Demand', 'Failed', 'none', FAILED, FAILED, FAILED, FAILED],

  [USER_START, 'None', 'record', 'do', INACTIVE, INACTIVE, INACTIVE],
  [USER_START, 'Pending', 'stop', 'inEffect', INACTIVE, INACTIVE, 'do'],
  [USER_START, 'Started', 'pause-stop', 'inEffect', 'do', 'inEffect', 'do'],
  [USER_START, 'Paused', 'resume-stop', 'inEffect', 'inEffect', 'do', 'do'],
  [USER_START, 'Failed', 'none', FAILED, FAILED, FAILED, FAILED],
];

describe('a recording in each mode and state', () => {
  it.each(TABLE)('%s, %s: %s', (mode, state, controls, ...judgements) => {
    const call = recorded(mode, state);
    expect(allowedRecordingControls(call)).toBe(controls);
    expect(RECORDING_COMMANDS.map((command) => judgeRecording(call, command))).toEqual(judgements);
  });

  it.each(TABLE)('%s, %s: the allowed actions are those of the controls', (mode, state, controls) => {
    const names = {
      startRecording: 'record',
      pauseRecording: 'pause',
      resumeRecording: 'resume',
      stopRecording: 'stop',
    };
    const allowed = allowedCommands(recorded(mode, state));
    const named = RECORDING_COMMANDS.filter((command) => allowed.includes(command));
    expect(named.map((command) => names[command]).join('-') || 'none').toBe(controls);
  });
});

describe('the controls', () => {
  it('are absent until the call is answered', () => {
    const { call } = aNewCall();
    expect(allowedRecordingControls(call)).toBeUndefined();
    expect(allowedRecordingControls(after(call, 'deviceAnswered').call)).toBeUndefined();
    expect(allowedRecordingControls(after(call, 'answered').call)).toBe('record');
  });

  it.each<[CallState, RecordingControls]>([
    ['Active', 'pause-stop'],
    ['Held', 'pause-stop'],
    ['Remote Held', 'pause-stop'],
    ['Both Held', 'pause-stop'],
    ['Detached', 'none'],
  ])('of a recorded call that is %s: %s', (state, controls) => {
    expect(allowedRecordingControls({ ...recorded(USER_START, 'Started'), state })).toBe(controls);
  });
});

const STATES = Object.keys(RECORDING_TRANSITIONS) as State[];
/** The table once more: state, then what may happen in it and where that leads. */
const MAY_HAPPEN: Record<State, Partial<Record<LaterKind, State>>> = {
  None: { recordingPending: 'Pending', recordingStarted: 'Started', recordingFailed: 'Failed' },
  Pending: { recordingStarted: 'Started', recordingStopped: 'None', recordingFailed: 'Failed' },
  Started: { recordingPaused: 'Paused', recordingStopped: 'None', recordingFailed: 'Failed' },
  Paused: { recordingResumed: 'Started', recordingStopped: 'None', recordingFailed: 'Failed' },
  Failed: {},
};
const FACTS = [
  'recordingPending',
  'recordingStarted',
  'recordingPaused',
  'recordingResumed',
  'recordingStopped',
  'recordingFailed',
] as const;

describe('what happens to a recording', () => {
  it.each(STATES.flatMap((state) => FACTS.map((kind) => [state, kind] as const)))('%s, %s', (state, kind) => {
    const call = recorded('On Demand', state);
    const next = applyFact(call, aFact(kind, call.callId));
    expect(next && (next.recordingState ?? 'None')).toBe(MAY_HAPPEN[state][kind]);
    expect(next?.version).toBe(next && call.version + 1);
  });

  it('leaves the call as it is', () => {
    const call = after(recorded('On Demand', 'None'), 'held').call;
    const { call: pending } = after(call, 'recordingPending');
    expect(pending).toEqual({ ...call, recordingState: 'Pending', version: call.version + 1 });
  });

  it('is not undone by what happens to the call', () => {
    const call = after(recorded('On Demand', 'Started'), 'held').call;
    expect(call.recordingState).toBe('Started');
    expect(after(call, 'transferred').call.recordingState).toBe('Started');
  });

  it('makes it a recorded call for good, once something is recorded', () => {
    const pending = after(recorded(USER_START, 'None'), 'recordingPending').call;
    expect(after(pending, 'recordingStopped').call.recorded).toBe(false);
    const started = after(pending, 'recordingStarted').call;
    expect(started.recorded).toBe(true);
    const stopped = after(started, 'recordingStopped').call;
    expect(stopped.recorded).toBe(true);
    expect(stopped).not.toHaveProperty('recordingState');
    expect(after(stopped, 'recordingFailed').call.recorded).toBe(true);
  });

  it('never happens to a call that has ended', () => {
    const { call } = after(recorded(USER_START, 'Started'), 'released');
    for (const kind of FACTS) expect(applyFact(call, aFact(kind, call.callId))).toBeUndefined();
  });
});
