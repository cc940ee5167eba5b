import type { Call } from '../../../src/calls/domain/call.js';
import type { RecordingCommand } from '../../../src/calls/domain/recording.js';
import type { RecordingMode } from '../../../src/directory/domain/user.js';
import type { LaterKind } from '../../support/some-calls.js';
import { refusalOf, UseCases } from '../../support/use-cases.js';

let cases: UseCases;
beforeAll(async () => {
  cases = await UseCases.open();
});
beforeEach(() => {
  cases.engine.asked.length = 0;
});
afterAll(() => cases.close());

const record = ({ callId }: Call, command: RecordingCommand) =>
  cases.record.record(cases.user('foouser'), callId, command);

const USER_START = 'On Demand with User Initiated Start';
const STARTED: LaterKind[] = ['answered', 'recordingStarted'];
const PAUSED: LaterKind[] = [...STARTED, 'recordingPaused'];

describe('a recording command', () => {
  it.each<[RecordingCommand, RecordingMode, LaterKind[]]>([
    ['startRecording', 'On Demand', ['answered']],
    ['startRecording', USER_START, ['answered', 'held']],
    ['startRecording', 'Always', ['answered']],
    ['pauseRecording', 'Always with Pause/Resume', STARTED],
    ['resumeRecording', 'On Demand', PAUSED],
    ['stopRecording', USER_START, PAUSED],
    ['stopRecording', USER_START, ['answered', 'held', 'recordingPending']],
  ])('%s in mode %s after %j is carried out', async (command, mode, kinds) => {
    const call = await cases.call('foouser', kinds, { mode });
    await record(call, command);
    expect(cases.engine.asked).toEqual([`${command} ${call.callId}`]);
  });

  it.each<[RecordingCommand, RecordingMode, LaterKind[]]>([
    ['startRecording', 'Always', STARTED],
    ['startRecording', 'On Demand', PAUSED],
    ['pauseRecording', 'On Demand', PAUSED],
    ['resumeRecording', USER_START, STARTED],
  ])('%s in mode %s after %j is in effect already: a success', async (command, mode, kinds) => {
    await record(await cases.call('foouser', kinds, { mode }), command);
    expect(cases.engine.asked).toEqual([]);
  });

  it.each<[RecordingCommand, RecordingMode, LaterKind[], string]>([
    ['startRecording', 'Never', ['answered'], 'recordingDisabled'],
    ['pauseRecording', 'Always', STARTED, 'recordingDisabled'],
    ['startRecording', USER_START, [...STARTED, 'recordingFailed'], 'recordingFailed'],
    ['stopRecording', 'On Demand', STARTED, 'recordingStopUnsupported'],
    ['stopRecording', USER_START, ['answered'], 'recordingInactive'],
    ['pauseRecording', 'On Demand', ['answered'], 'recordingInactive'],
  ])('%s in mode %s after %j is refused: %s', async (command, mode, kinds, reason) => {
    const call = await cases.call('foouser', kinds, { mode });
    expect(await refusalOf(record(call, command))).toMatchObject({ reason, callState: 'Active' });
    expect(cases.engine.asked).toEqual([]);
  });

  it.each<[LaterKind[], string]>([
    [[], 'callState'],
    [['deviceAnswered'], 'callState'],
    [['answered', 'detached'], 'callDetached'],
  ])('on a call after %j is refused for its state, whatever the mode: %s', async (kinds, reason) => {
    for (const mode of ['Never', USER_START] as const) {
      const call = await cases.call('foouser', kinds, { mode });
      expect(await refusalOf(record(call, 'startRecording'))).toMatchObject({ reason });
    }
  });

  it('that fails tells what is allowed by then', async () => {
    const call = await cases.call('foouser', ['answered'], { mode: USER_START });
    cases.engine.refuse('recordingFailed', async () => void (await cases.happens(call, 'recordingFailed')));
    expect(await refusalOf(record(call, 'startRecording'))).toEqual({
      reason: 'recordingFailed',
      callState: 'Active',
      allowedActions: ['hold', 'blindTransfer', 'consultativeTransfer', 'retrieve', 'release'],
    });
  });

  it('on a call whose audio does not pass here is refused as disabled', async () => {
    const call = await cases.call('foouser', ['answered']);
    cases.engine.refuse('recordingDisabled');
    expect(await refusalOf(record(call, 'startRecording'))).toMatchObject({ reason: 'recordingDisabled' });
  });
});
