import { setTimeout as delay } from 'node:timers/promises';
import { EventStream } from './event-stream.js';
import { ANSWERS, BAR, FOO, valueIn, Wire } from './xsi-wire.js';

const PAUSES = 'pauseuser@foo.example';
const DEMANDS = 'demanduser@foo.example';
const NEVER = 'bazuser@foo.example';
const RECORDER_MS = 60;

let wire: Wire;
beforeAll(async () => {
  wire = await Wire.start();
});
afterEach(() => wire.control('DELETE', 'calls'));
afterAll(() => wire.close());

async function talking(user: string): Promise<string> {
  await wire.dial(user, ANSWERS);
  return (await wire.waitFor(user, 'Active')).callId;
}

async function recordingOf(user: string): Promise<[string | undefined, string | undefined]> {
  await delay(RECORDER_MS);
  const [call] = await wire.look(user);
  return [call?.recordingState, call?.allowedRecordingControls];
}

const ask = async (user: string, callId: string, command: string) =>
  (await wire.command(user, callId, command)).status;

describe('a call is recorded', () => {
  it.each([
    [BAR, 'Started', 'none'],
    [PAUSES, 'Started', 'pause'],
    [DEMANDS, undefined, 'record'],
    [FOO, undefined, 'record'],
    [NEVER, undefined, 'none'],
  ])('of %s from the answer on: %s, controls %s', async (user, state, controls) => {
    const callId = await talking(user);
    expect(await recordingOf(user)).toEqual([state, controls]);
    expect((await wire.get(user, callId)).includes('<recorded/>')).toBe(state === 'Started');
  });

  it('at the answer already where the mode is Always', async () => {
    const stream = await EventStream.open(wire);
    await stream.subscribe(BAR);
    await talking(BAR);
    expect(valueIn(await stream.document('CallAnsweredEvent'), 'recordingState')).toBe('Started');
    await stream.document('CallRecordingStartedEvent');
    stream.stop();
  });

  it('when that is asked for: accepted at once, started a little later', async () => {
    const callId = await talking(FOO);
    expect(await ask(FOO, callId, 'Record')).toBe(200);
    expect(valueIn(await wire.get(FOO, callId), 'recordingState')).toBeUndefined();
    expect(await recordingOf(FOO)).toEqual(['Started', 'pause-stop']);
  });

  it('again after a pause, and no more after a stop', async () => {
    const callId = await talking(FOO);
    await ask(FOO, callId, 'Record');
    await delay(RECORDER_MS);
    expect(await ask(FOO, callId, 'PauseRecording')).toBe(200);
    expect(await recordingOf(FOO)).toEqual(['Paused', 'resume-stop']);
    expect(await ask(FOO, callId, 'ResumeRecording')).toBe(200);
    expect(await recordingOf(FOO)).toEqual(['Started', 'pause-stop']);
    expect(await ask(FOO, callId, 'StopRecording')).toBe(200);
    expect(await recordingOf(FOO)).toEqual([undefined, 'record']);
    expect(await wire.get(FOO, callId)).toContain('<recorded/>');
  });

  it('once it is retrieved, where that was asked for while it was held', async () => {
    const callId = await talking(FOO);
    await ask(FOO, callId, 'Hold');
    expect(await ask(FOO, callId, 'Record')).toBe(200);
    expect(await recordingOf(FOO)).toEqual(['Pending', 'stop']);
    await ask(FOO, callId, 'Reconnect');
    expect(await recordingOf(FOO)).toEqual(['Started', 'pause-stop']);
  });

  it('and a command already in effect succeeds', async () => {
    const callId = await talking(PAUSES);
    await delay(RECORDER_MS);
    for (const command of [
      'Record',
      'PauseRecording',
      'PauseRecording',
      'ResumeRecording',
      'ResumeRecording',
    ]) {
      expect(await ask(PAUSES, callId, command)).toBe(200);
    }
  });
});

describe('a recording command is refused', () => {
  it.each([
    [NEVER, 'Record'],
    [BAR, 'PauseRecording'],
    [BAR, 'StopRecording'],
    [PAUSES, 'StopRecording'],
    [DEMANDS, 'StopRecording'],
    [FOO, 'PauseRecording'],
    [FOO, 'StopRecording'],
  ])('of %s: %s', async (user, command) => {
    const callId = await talking(user);
    expect(await ask(user, callId, command)).toBe(409);
  });
});

it('a recorder that fails says so in an event', async () => {
  const stream = await EventStream.open(wire);
  await stream.subscribe(FOO);
  await wire.control('PUT', 'recording', { fails: true });
  const callId = await talking(FOO);
  expect(await ask(FOO, callId, 'Record')).toBe(200);
  const event = await stream.document('CallRecordingStoppedEvent');
  expect(valueIn(event, 'recordingState')).toBe('Failed');
  expect(event).toContain('</xsi:call><xsi:reason>Failed</xsi:reason></xsi:eventData>');
  expect(stream.types).toContain('CallRecordingStartingEvent');
  stream.stop();
});
