import { setTimeout as delay } from 'node:timers/promises';
import type { BaresipPhone } from '../support/baresip.js';
import { MEDIA_KINDS } from '../support/media-node.js';
import { Office } from '../support/office.js';
import { closedRecording } from '../support/recorded.js';
import { tonesEver } from '../support/tones.js';

/** What the phones and the API find after `kill -9` and a start with the same data. */
describe.each(MEDIA_KINDS)('a call of two phones after a crash of the service, audio through %s', (media) => {
  const office = new Office(media);
  const fooUser = () => office.as('foouser');
  const barUser = () => office.as('baruser');
  let foo: BaresipPhone;
  let bar: BaresipPhone;
  let baz: BaresipPhone;
  let callId: string;

  beforeAll(async () => {
    await office.open();
    [foo, bar, baz] = await Promise.all([
      office.phone('LP_foouser'),
      office.phone('LP_baruser'),
      office.phone('LP_bazuser'),
    ]);
  });

  beforeEach(async () => {
    callId = await fooUser().dial('5601');
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
  });

  afterEach(() => office.clear());
  afterAll(() => office.close());

  it('goes on: both hear each other, and it is held, reconnected and released', async () => {
    await office.talk(foo, bar);
    await office.crashAndRestart();
    await office.talk(foo, bar);
    expect((await fooUser().only('Active')).callId).toBe(callId);
    expect((await fooUser().hold(callId)).status).toBe(200);
    await office.silent(foo, bar);
    expect((await fooUser().reconnect(callId)).status).toBe(200);
    await office.talk(foo, bar);
    expect((await fooUser().release(callId)).status).toBe(200);
    await Promise.all([foo.idle(), bar.idle()]);
  });

  it('is transferred', async () => {
    await office.crashAndRestart();
    expect((await fooUser().blindTransfer(callId, '5602')).status).toBe(200);
    await office.talk(bar, baz);
    await office.silent(foo);
    await foo.idle();
  });

  it('is still recorded, in the same file with a gap', async () => {
    expect((await fooUser().modify(callId, 'startRecording')).status).toBe(200);
    await delay(2_500);
    await office.crashAndRestart();
    await office.talk(foo, bar);
    expect(await fooUser().only('Active')).toMatchObject({ recordingState: 'Started' });
    await delay(1_000);
    expect((await fooUser().modify(callId, 'stopRecording')).status).toBe(200);
    const { about, owner, other, lengthMs, sha256 } = await closedRecording(office.recordingsDir, callId);
    expect(about).toMatchObject({ gaps: [{ reason: 'interrupted' }], sha256 });
    // The last second and a bit may not have been written yet.
    expect(about.gaps[0]?.atMs).toBeGreaterThan(1_000);
    expect(lengthMs).toBeGreaterThan(2_000);
    expect(tonesEver(owner, [foo.toneHz, bar.toneHz])).toEqual([foo.toneHz]);
    expect(tonesEver(other, [foo.toneHz, bar.toneHz])).toEqual([bar.toneHz]);
  });

  it('is held and resumed on the phone', async () => {
    await office.crashAndRestart();
    await foo.hold();
    await Promise.all([fooUser().only('Held'), barUser().only('Remote Held')]);
    await office.silent(bar);
    await foo.resume();
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
    await office.talk(foo, bar);
  });

  it('that was held before is still held, and is reconnected by the API', async () => {
    expect((await fooUser().hold(callId)).status).toBe(200);
    await office.crashAndRestart();
    expect((await fooUser().only('Held')).callId).toBe(callId);
    await barUser().only('Remote Held');
    await office.silent(foo, bar);
    expect((await fooUser().reconnect(callId)).status).toBe(200);
    await office.talk(foo, bar);
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
  });

  it('ends on the other phone when one hangs up', async () => {
    await office.crashAndRestart();
    await foo.hangup();
    await bar.idle();
    await Promise.all([fooUser().none(), barUser().none()]);
  });

  it('ends on both phones when the called user releases it', async () => {
    await office.crashAndRestart();
    const theirs = await barUser().only('Active');
    expect(theirs.callId).not.toBe(callId);
    expect((await barUser().release(theirs.callId)).status).toBe(200);
    await Promise.all([foo.idle(), bar.idle()]);
    await Promise.all([fooUser().none(), barUser().none()]);
  });

  it('ends on the phone that is left when the other has lost its power', async () => {
    await office.crashAndRestart();
    await office.lose(bar);
    expect((await fooUser().release(callId)).status).toBe(200);
    await foo.idle();
    await Promise.all([fooUser().none(), barUser().none()]);
    bar = await office.phone('LP_baruser');
  });
});
