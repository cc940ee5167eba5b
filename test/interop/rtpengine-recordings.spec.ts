import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MediaUnavailable, RecordingFailed } from '../../src/media/media.js';
import { NgClient } from '../../src/media/rtpengine/ng-client.js';
import { CALLEE, CALLER, MediaSession, THIRD, TONES } from '../support/media-session.js';
import { readChannels, readSidecar } from '../support/recorded.js';
import { Rtpengine } from '../support/rtpengine.js';
import { tonesHeard } from '../support/tones.js';
import { eventually } from '../support/wait.js';

describe('a recording of rtpengine', () => {
  let rtpengine: Rtpengine;
  let session: MediaSession;
  let failed: unknown[][];

  beforeAll(async () => {
    rtpengine = await Rtpengine.start({ ngPort: 22_232, ports: { first: 32_500, last: 32_599 } });
  });
  afterAll(() => rtpengine.stop());
  beforeEach(async () => {
    failed = [];
    session = await begun(rtpengine);
  });
  afterEach(() => session.end());

  async function begun(through: Rtpengine): Promise<MediaSession> {
    const begin = await MediaSession.begin(through.adapter());
    begin.media.onRecordingFailed = (...what) => failed.push(what);
    return begin;
  }

  async function record(of = session): Promise<string> {
    const order = of.orderFor('caller', 'foouser');
    await of.media.startRecording(of.bridge, order);
    return order.id;
  }

  async function talk(): Promise<void> {
    await session.exchange();
    await session.hearEachOther();
  }

  function expectBothIn(id: string): void {
    const heard = readChannels(session.folder, id).map((channel) => tonesHeard(channel, TONES));
    expect(heard).toEqual([[CALLER], [CALLEE]]);
  }

  async function firstFailure(): Promise<void> {
    await eventually(
      () => failed.length > 0 || undefined,
      () => 'nothing failed',
      30,
      30_000,
    );
  }

  /** As another process would. */
  async function command(what: string): Promise<void> {
    const client = new NgClient(rtpengine.address);
    await client.request(what, { 'call-id': session.bridge.id });
    await client.close();
  }

  it('holds nothing of a stranger, though rtpengine captures that too', async () => {
    await session.exchange();
    const [one, other] = [await session.party({ tone: THIRD }), await session.party({ tone: THIRD })];
    one.sendTo(session.seen.caller);
    other.sendTo(session.seen.callee);
    await session.hearEachOther();
    const id = await record();
    await delay(1_000);
    await session.media.stopRecording(session.bridge, id);
    expectBothIn(id);
  });

  it('begins before anybody says anything, and holds the first words', async () => {
    await session.media.offer(session.bridge, 'caller', session.caller.describe());
    await session.media.answer(session.bridge, 'callee', session.callee.describe());
    const id = await record();
    await talk();
    await session.media.stopRecording(session.bridge, id);
    expectBothIn(id);
  });

  it('leaves nothing in the spool once it has ended', async () => {
    await talk();
    const [first, second] = [await record(), await record()];
    await session.media.pauseRecording(session.bridge, first, 'held');
    expect(rtpengine.files()).toHaveLength(2);
    await session.media.resumeRecording(session.bridge, first);
    await session.media.stopRecording(session.bridge, second);
    await session.media.stopRecording(session.bridge, first);
    expect(rtpengine.files()).toEqual([]);
    const third = await record();
    await session.media.close(session.bridge);
    expect(rtpengine.files()).toEqual([]);
    for (const id of [first, second, third]) expect(readSidecar(session.folder, id).state).toBe('complete');
  });

  it('goes into a new file where a process that was killed had one under way', async () => {
    await talk();
    await command('start recording');
    const left = rtpengine.files();
    const id = await record();
    for (const file of left) expect(rtpengine.files()).not.toContain(file);
    await delay(500);
    await session.media.stopRecording(session.bridge, id);
    expectBothIn(id);
    expect(rtpengine.files()).toEqual([]);
  });

  it('is refused where no captures are written, and the audio goes on', async () => {
    const ports = { first: 32_700, last: 32_799 };
    const mute = await Rtpengine.start({ ngPort: 22_224, ports, recordingMethod: 'proc' });
    const unheard = await MediaSession.begin(mute.adapter());
    try {
      await unheard.exchange();
      await expect(record(unheard)).rejects.toThrow(RecordingFailed);
      await unheard.hearEachOther();
    } finally {
      await unheard.end();
      await mute.stop();
    }
  });

  it('fails once when its capture no longer grows, and what was written stays', async () => {
    await talk();
    const [id, paused] = [await record(), await record()];
    await session.media.pauseRecording(session.bridge, paused, 'paused');
    await delay(1_500);
    await command('stop recording');
    await firstFailure();
    expect(failed).toEqual([[session.bridge.id, id, expect.stringContaining('no longer writes')]]);
    expect(readSidecar(session.folder, id).state).toBe('failed');
    expectBothIn(id);
    await session.hearEachOther();
    await session.media.resumeRecording(session.bridge, paused);
    await delay(500);
    await session.media.stopRecording(session.bridge, paused);
    expect(readSidecar(session.folder, paused).state).toBe('complete');
    expect(failed).toHaveLength(1);
  });

  it('fails when rtpengine was started anew', async () => {
    await talk();
    const id = await record();
    await rtpengine.restart();
    await firstFailure();
    expect(failed).toEqual([[session.bridge.id, id, 'Unknown call-id']]);
  });

  it('is completed with its bridge when rtpengine has died, else it fails after a while', async () => {
    await talk();
    const id = await record();
    await rtpengine.kill();
    await session.media.close(session.bridge);
    expect(readSidecar(session.folder, id).state).toBe('complete');
    expect(rtpengine.files()).toEqual([]);
    const next = { id: randomUUID() };
    await expect(session.media.offer(next, 'caller', session.caller.describe())).rejects.toThrow(
      MediaUnavailable,
    );
    await rtpengine.restart();

    const another = await begun(rtpengine);
    await another.exchange();
    const lost = await record(another);
    await rtpengine.kill();
    await firstFailure();
    expect(failed).toEqual([[another.bridge.id, lost, 'rtpengine does not answer']]);
    await rtpengine.restart();
    await another.end();
  });
});
