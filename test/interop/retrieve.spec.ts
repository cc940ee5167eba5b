import type { BaresipPhone } from '../support/baresip.js';
import { MEDIA_KINDS } from '../support/media-node.js';
import { Office } from '../support/office.js';

const DESK = 'LP_foouser@sip.example.test';
const MOBILE = 'MB_foouser@sip.example.test';

describe.each(MEDIA_KINDS)('a retrieve to the other device, audio through %s', (media) => {
  const office = new Office(media, { RETRIEVE_TIMEOUT: '2s' });
  const fooUser = () => office.as('foouser');
  const barUser = () => office.as('baruser');
  let desk: BaresipPhone;
  let mobile: BaresipPhone;
  let bar: BaresipPhone;
  let callId: string;
  let trackingId: string;
  let closedAtBar: number;

  beforeAll(async () => {
    await office.open();
    [desk, mobile, bar] = await Promise.all([
      office.phone('LP_foouser'),
      office.phone('MB_foouser'),
      office.phone('LP_baruser'),
    ]);
  });

  beforeEach(async () => {
    await desk.dial('sip:5601@sip.example.test');
    ({ callId, externalTrackingId: trackingId } = await fooUser().only('Active'));
    await office.talk(desk, bar);
    closedAtBar = bar.count('CALL_CLOSED');
  });

  afterEach(() => office.clear());
  afterAll(() => office.close());

  async function isOn(addressOfRecord: string): Promise<void> {
    expect((await fooUser().only('Active')).endpoint.addressOfRecord).toBe(addressOfRecord);
  }

  async function mobileRings(): Promise<void> {
    await mobile.answerMode('manual');
    expect((await fooUser().retrieve()).status).toBe(201);
    await mobile.rings();
  }

  it('connects it without a break for the other party, and the first device is free', async () => {
    const { status, body } = await fooUser().retrieve();
    expect(status).toBe(201);
    await office.talk(mobile, bar);
    await office.silent(desk);
    await desk.idle();
    await isOn(MOBILE);
    expect(await fooUser().only('Active')).toMatchObject(body);
    expect(body).toEqual({ callId: expect.not.stringMatching(callId), externalTrackingId: trackingId });
    expect(bar.count('CALL_CLOSED')).toBe(closedAtBar);
    await barUser().only('Active');
  });

  it('connects a held call too', async () => {
    expect((await fooUser().hold(callId)).status).toBe(200);
    await office.silent(desk, bar);
    expect((await fooUser().retrieve()).status).toBe(201);
    await office.talk(mobile, bar);
    await desk.idle();
    await isOn(MOBILE);
  });

  it('and back connects the first device again', async () => {
    await fooUser().retrieve();
    await office.talk(mobile, bar);
    await desk.idle();
    expect((await fooUser().retrieve()).status).toBe(201);
    await office.talk(desk, bar);
    await mobile.idle();
    await isOn(DESK);
    expect(bar.count('CALL_CLOSED')).toBe(closedAtBar);
  });

  it('lets them talk on while the other device rings, and leaves the call there without an answer', async () => {
    await mobileRings();
    await office.talk(desk, bar);
    await mobile.idle();
    await isOn(DESK);
    await office.talk(desk, bar);
    expect((await fooUser().only('Active')).callId).toBe(callId);
  });

  it('that is declined on the other device leaves the call where it is', async () => {
    await mobileRings();
    await mobile.hangup();
    await mobile.idle();
    await isOn(DESK);
    await office.talk(desk, bar);
  });

  it('stops when the other party hangs up while the other device rings', async () => {
    await mobileRings();
    await bar.hangup();
    await Promise.all([desk.idle(), mobile.idle(), bar.idle()]);
    await Promise.all([fooUser().none(), barUser().none()]);
  });

  it('is completed when the user hangs up the first device while the other rings', async () => {
    await mobileRings();
    await desk.hangup();
    await desk.idle();
    await mobile.answer();
    await office.talk(mobile, bar);
    await isOn(MOBILE);
  });
});
