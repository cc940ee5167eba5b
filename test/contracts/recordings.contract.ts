import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Media, RecordingFailed } from '../../src/media/media.js';
import type { RecordingSidecar } from '../../src/media/recording/recording-sidecar.js';
import { CALLEE, CALLER, MediaSession, SECRET, THIRD, TONES } from '../support/media-session.js';
import { readChannels, readSidecar } from '../support/recorded.js';
import { type Recording, stretch, tonesHeard } from '../support/tones.js';
import { eventually } from '../support/wait.js';

/** Of a machine with better things to do. */
const TOLERANCE_MS = 400;

/** How every adapter records. */
export function describeRecordings(open: (recordingsDir: string) => Promise<Media>): void {
  let session: MediaSession;
  beforeEach(async () => {
    session = await MediaSession.begin(open);
    await session.exchange();
    await session.hearEachOther();
  });
  afterEach(() => session.end());

  it('hold the owner on the left, the other party on the right, and nothing of a pause', async () => {
    const order = session.orderFor('callee', 'baruser');
    const startedAt = performance.now();
    await session.media.startRecording(session.bridge, order);
    expect(readSidecar(session.folder, order.id)).toMatchObject({
      state: 'recording',
      subject: order.subject,
    });
    await session.talk(1_000);
    await session.media.pauseRecording(session.bridge, order.id, 'paused');
    const pausedAt = performance.now();
    session.caller.say(SECRET);
    session.callee.say(SECRET);
    await session.talk(1_200);
    session.caller.say(CALLER);
    session.callee.say(CALLEE);
    await session.callee.hears(CALLER, TONES);
    const resumedAt = performance.now();
    await session.media.resumeRecording(session.bridge, order.id);
    await session.talk(800);
    await session.media.stopRecording(session.bridge, order.id);
    const stoppedAt = performance.now();

    const sidecar = expectComplete(session.folder, order.id, pausedAt - startedAt + stoppedAt - resumedAt);
    expect(sidecar.gaps).toHaveLength(1);
    const [gap] = sidecar.gaps;
    expect(gap?.reason).toBe('paused');
    expect(Math.abs(gap!.atMs - (pausedAt - startedAt))).toBeLessThan(TOLERANCE_MS);
    const gapMs = Date.parse(gap!.to!) - Date.parse(gap!.from);
    expect(Math.abs(gapMs - (resumedAt - pausedAt))).toBeLessThan(TOLERANCE_MS);
    const [left, right] = readChannels(session.folder, order.id);
    for (const part of [
      (each: Recording) => stretch(each, 0, gap!.atMs),
      (each: Recording) => stretch(each, gap!.atMs),
    ]) {
      expectTones(part(left), CALLEE, session.stalledMs);
      expectTones(part(right), CALLER, session.stalledMs);
    }
  });

  it('of both users run at once, and each ends by itself', async () => {
    const [first, second] = [session.orderFor('caller', 'foouser'), session.orderFor('callee', 'baruser')];
    const startedAt = performance.now();
    await session.media.startRecording(session.bridge, first);
    const secondStartedAt = performance.now();
    await session.media.startRecording(session.bridge, second);
    await session.talk(700);
    const stoppedAt = performance.now();
    await session.media.stopRecording(session.bridge, first.id);
    await session.talk(700);
    const closedAt = performance.now();
    await session.media.close(session.bridge);
    expectComplete(session.folder, first.id, stoppedAt - startedAt);
    expectComplete(session.folder, second.id, closedAt - secondStartedAt);
    expectTones(readChannels(session.folder, first.id)[0], CALLER, session.stalledMs);
    expectTones(readChannels(session.folder, first.id)[1], CALLEE, session.stalledMs);
    expectTones(readChannels(session.folder, second.id)[0], CALLEE, session.stalledMs);
    expectTones(readChannels(session.folder, second.id)[1], CALLER, session.stalledMs);
  });

  it('follow the party that takes a side', async () => {
    const order = session.orderFor('caller', 'foouser');
    await session.media.startRecording(session.bridge, order);
    await session.talk(600);
    const target = await session.party({ tone: THIRD });
    session.callee.sendNowhere();
    await session.exchange('callee', target, session.caller);
    await session.talk(900);
    await session.media.stopRecording(session.bridge, order.id);
    expectTones(stretch(readChannels(session.folder, order.id)[1], -400), THIRD, session.stalledMs);
  });

  it('are carried on with by another process', async () => {
    const order = session.orderFor('caller', 'foouser');
    const startedAt = performance.now();
    await session.media.startRecording(session.bridge, order);
    await session.talk(800);
    const leftAt = performance.now();
    await session.restart();
    await delay(500);
    await session.media.restore(session.bridge, session.descriptions);
    await session.media.startRecording(session.bridge, order);
    await session.media.finishRecordings(new Set([order.id]));
    await session.hearEachOther();
    await session.talk(800);
    await session.media.stopRecording(session.bridge, order.id);
    const sidecar = readSidecar(session.folder, order.id);
    expect(sidecar.state).toBe('complete');
    expect(sidecar.gaps.map(({ reason }) => reason)).toEqual(['interrupted']);
    expect(Math.abs(sidecar.gaps[0]!.atMs - (leftAt - startedAt))).toBeLessThan(TOLERANCE_MS);
    const [left, right] = readChannels(session.folder, order.id);
    expectTones(stretch(left, 0, 500), CALLER, session.stalledMs);
    expectTones(stretch(right, 0, 500), CALLEE, session.stalledMs);
    expectTones(stretch(left, -500), CALLER, session.stalledMs);
    expectTones(stretch(right, -500), CALLEE, session.stalledMs);
  });

  it('are completed when nobody carries on with them', async () => {
    const order = session.orderFor('caller', 'foouser');
    const startedAt = performance.now();
    await session.media.startRecording(session.bridge, order);
    await session.talk(800);
    const leftAt = performance.now();
    await session.restart();
    expect(readSidecar(session.folder, order.id).state).toBe('recording');
    await session.media.finishRecordings(new Set());
    await eventually(
      () => readSidecar(session.folder, order.id).state === 'complete' || undefined,
      () => 'is not complete',
    );
    expectComplete(session.folder, order.id, leftAt - startedAt);
    expectTones(readChannels(session.folder, order.id)[0], CALLER, session.stalledMs);
  });

  it('are refused where nothing can be written, and the audio goes on', async () => {
    writeFileSync(join(session.folder, 'file'), '');
    await session.restart(join(session.folder, 'file', 'recordings'));
    await session.media.restore(session.bridge, session.descriptions);
    await expect(
      session.media.startRecording(session.bridge, session.orderFor('caller', 'foouser')),
    ).rejects.toThrow(RecordingFailed);
    await session.hearEachOther();
  });

  it('that are not under way can neither be paused nor resumed, and stopping them is nothing', async () => {
    const { id } = session.orderFor('caller', 'foouser');
    await expect(session.media.pauseRecording(session.bridge, id, 'held')).rejects.toThrow(RecordingFailed);
    await expect(session.media.resumeRecording(session.bridge, id)).rejects.toThrow(RecordingFailed);
    await session.media.stopRecording(session.bridge, id);
    expect(readdirSync(session.folder).filter((name) => name.startsWith(id))).toEqual([]);
  });
}

/** Nothing but the tone, all the time in which it was sent. */
function expectTones(recording: Recording, tone: number, stalledMs: number): void {
  const windows: number[][] = [];
  for (let at = 100; at + 300 < recording.samples.length / 8; at += 100) {
    windows.push(tonesHeard(stretch(recording, at, at + 200), TONES));
  }
  const silent = windows.filter((tones) => tones.length === 0).length;
  expect(windows.flat()).toEqual(windows.flat().fill(tone));
  expect(silent).toBeLessThanOrEqual(stalledMs > 0 ? stalledMs / 100 + 2 : 0);
}

/** Listed with what is true of the file. */
function expectComplete(folder: string, id: string, lengthMs: number): RecordingSidecar {
  const bytes = readFileSync(join(folder, `${id}.wav`));
  expect(bytes.readUInt32LE(40)).toBe(bytes.length - 44);
  const sidecar = readSidecar(folder, id);
  expect(sidecar).toMatchObject({
    recordingId: id,
    state: 'complete',
    file: `${id}.wav`,
    channels: { left: 'owner', right: 'remoteParty' },
    sampleRate: 8_000,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    durationMs: Math.round((bytes.length - 44) / 32),
  });
  expect(Math.abs(sidecar.durationMs! - lengthMs)).toBeLessThan(TOLERANCE_MS);
  return sidecar;
}
