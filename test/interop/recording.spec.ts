import { setTimeout as delay } from 'node:timers/promises';
import type { BaresipPhone } from '../support/baresip.js';
import { MEDIA_KINDS } from '../support/media-node.js';
import { Office } from '../support/office.js';
import { closedRecording } from '../support/recorded.js';
import { type Recording, stretch, tonesEver } from '../support/tones.js';
import { eventually } from '../support/wait.js';

/** What bar says only while nothing is recorded. */
const SECRET_HZ = 1760;
const TONES = [440, 660, 880, 1320, SECRET_HZ];
/** What is recorded by the clock of the test and by the files may differ by so much. */
const TOLERANCE_MS = 500;
/** A phone takes a while to speak again after its hold. */
const audibleAgain = (atMs: number) => (each: Recording) => stretch(each, atMs + 300);

/** foouser's mode is `On Demand with User Initiated Start`, baruser's `Always`, bazuser's `Never`. */
describe.each(MEDIA_KINDS)('a recording, audio through %s', (media) => {
  const office = new Office(media);
  const fooUser = () => office.as('foouser');
  const barUser = () => office.as('baruser');
  let foo: BaresipPhone;
  let bar: BaresipPhone;
  let callId: string;

  beforeAll(async () => {
    await office.open();
    [foo, bar] = await Promise.all([
      office.phone('LP_foouser'),
      office.phone('LP_baruser'),
      office.phone('LP_bazuser'),
    ]);
  });

  beforeEach(async () => {
    callId = await fooUser().dial('5601');
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
    await office.talk(foo, bar);
  });

  afterEach(() => office.clear());
  afterAll(() => office.close());

  /** @returns when it was confirmed */
  async function fooAsks(action: string): Promise<number> {
    expect(await fooUser().modify(callId, action)).toEqual({ status: 200, body: {} });
    return Date.now();
  }

  async function recordingOfFoo(state = 'Active') {
    const { recordingState, allowedRecordingControls } = await fooUser().only(state);
    return { recordingState, allowedRecordingControls };
  }

  const recorded = (ofCall: string) => closedRecording(office.recordingsDir, ofCall);

  it('holds each party on its channel, and nothing of the pause', async () => {
    expect(await recordingOfFoo()).toEqual({ allowedRecordingControls: 'record' });
    const started = await fooAsks('startRecording');
    expect(await recordingOfFoo()).toEqual({
      recordingState: 'Started',
      allowedRecordingControls: 'pause-stop',
    });
    await delay(1_500);
    const paused = await fooAsks('pauseRecording');
    expect(await recordingOfFoo()).toEqual({
      recordingState: 'Paused',
      allowedRecordingControls: 'resume-stop',
    });
    await bar.say(SECRET_HZ);
    await office.hears(foo, SECRET_HZ);
    await delay(1_000);
    await bar.say(bar.toneHz);
    await office.talk(foo, bar);
    const resumed = await fooAsks('resumeRecording');
    await delay(2_000);
    const stopped = await fooAsks('stopRecording');
    expect(await recordingOfFoo()).toEqual({ allowedRecordingControls: 'record' });

    const { about, owner, other, lengthMs, sha256 } = await recorded(callId);
    expect(tonesEver(owner, TONES)).toEqual([foo.toneHz]);
    expect(tonesEver(other, TONES)).toEqual([bar.toneHz]);
    expect(Math.abs(lengthMs - (paused - started) - (stopped - resumed))).toBeLessThan(TOLERANCE_MS);
    expect(about).toMatchObject({
      subject: { callId, owner: { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' } },
      gaps: [{ reason: 'paused' }],
      sha256,
      durationMs: Math.round(lengthMs),
    });
    const [{ from = '', to = '' } = {}] = about.gaps;
    expect(Math.abs(Date.parse(from) - paused)).toBeLessThan(TOLERANCE_MS);
    expect(Math.abs(Date.parse(to) - resumed)).toBeLessThan(TOLERANCE_MS);

    const theirs = await barUser().only('Active');
    await fooUser().release(callId);
    const whole = await recorded(theirs.callId);
    expect(tonesEver(whole.owner, TONES)).toEqual([bar.toneHz, SECRET_HZ]);
  });

  it('in mode Always begins by itself, beside the one of the other user', async () => {
    const theirs = await eventually(
      async () => {
        const call = await barUser().only('Active');
        return call.recordingState === 'Started' ? call : undefined;
      },
      () => 'is not recorded',
    );
    expect(theirs).toMatchObject({ allowedRecordingControls: 'none' });
    await fooAsks('startRecording');
    await delay(1_000);
    await fooUser().release(callId);
    const [ofFoo, ofBar] = [await recorded(callId), await recorded(theirs.callId)];
    expect(tonesEver(ofFoo.owner, TONES)).toEqual([foo.toneHz]);
    expect(tonesEver(ofFoo.other, TONES)).toEqual([bar.toneHz]);
    expect(tonesEver(ofBar.owner, TONES)).toEqual([bar.toneHz]);
    expect(tonesEver(ofBar.other, TONES)).toEqual([foo.toneHz]);
    expect(ofBar.about.gaps).toEqual([]);
    expect(ofBar.about.sha256).toBe(ofBar.sha256);
  });

  it('of a held call waits for the reconnect', async () => {
    expect((await fooUser().hold(callId)).status).toBe(200);
    await fooAsks('startRecording');
    expect(await recordingOfFoo('Held')).toMatchObject({ recordingState: 'Pending' });
    await delay(1_000);
    const reconnected = Date.now();
    expect((await fooUser().reconnect(callId)).status).toBe(200);
    await office.talk(foo, bar);
    expect(await recordingOfFoo()).toMatchObject({ recordingState: 'Started' });
    await delay(1_000);
    await fooAsks('stopRecording');
    const { about, owner, other } = await recorded(callId);
    expect(Date.parse(about.startedAt)).toBeGreaterThanOrEqual(reconnected);
    expect(tonesEver(owner, TONES)).toEqual([foo.toneHz]);
    expect(tonesEver(other, TONES)).toEqual([bar.toneHz]);
  });

  it('leaves out the time on hold', async () => {
    const started = await fooAsks('startRecording');
    await delay(1_000);
    await foo.hold();
    await fooUser().only('Held');
    const held = Date.now();
    await delay(1_500);
    const resumed = Date.now();
    await foo.resume();
    await office.talk(foo, bar);
    await delay(1_000);
    const stopped = await fooAsks('stopRecording');
    const { about, owner, other, lengthMs } = await recorded(callId);
    expect(about.gaps).toMatchObject([{ reason: 'held' }]);
    expect(Math.abs(lengthMs - (held - started) - (stopped - resumed))).toBeLessThan(TOLERANCE_MS);
    const { atMs } = about.gaps[0]!;
    for (const part of [(each: Recording) => stretch(each, 0, atMs), audibleAgain(atMs)]) {
      expect(tonesEver(part(owner), TONES)).toEqual([foo.toneHz]);
      expect(tonesEver(part(other), TONES)).toEqual([bar.toneHz]);
    }
  });

  it('goes on after a transfer, with whoever takes the place', async () => {
    const theirs = await barUser().only('Active');
    await delay(1_000);
    expect((await fooUser().blindTransfer(callId, '5602')).status).toBe(200);
    await delay(1_000);
    await barUser().release(theirs.callId);
    const { owner, other } = await recorded(theirs.callId);
    expect(tonesEver(owner, TONES)).toContain(bar.toneHz);
    expect(tonesEver(other, TONES)).toEqual(expect.arrayContaining([foo.toneHz, 660]));
  });
});
