import {
  ANSWERS,
  BAR,
  BAR_PHONE,
  FOO,
  FOO_MOBILE,
  FOO_PHONE,
  RINGS,
  type SeenCall,
  valueIn,
  Wire,
} from './xsi-wire.js';

let wire: Wire;
beforeAll(async () => {
  wire = await Wire.start();
});
afterEach(() => wire.control('DELETE', 'calls'));
afterAll(() => wire.close());

/** foouser talks on one phone, and the other rings for ever. */
async function talkOnPhone(): Promise<SeenCall> {
  await wire.phone(FOO_MOBILE, 'rings');
  const { foo } = await wire.fooTalksWithBar();
  return foo;
}

describe('hold and reconnect', () => {
  it('are seen on both sides', async () => {
    const { foo } = await wire.fooTalksWithBar();
    expect(await wire.command(FOO, foo.callId, 'Hold')).toMatchObject({ status: 200, body: '' });
    await wire.waitFor(FOO, 'Held');
    await wire.waitFor(BAR, 'Remote Held');
    expect(valueIn(await wire.get(FOO, foo.callId), 'heldTime')).toMatch(/^\d{13}$/);
    expect((await wire.command(FOO, foo.callId, 'Reconnect')).status).toBe(200);
    await wire.waitFor(FOO, 'Active');
    await wire.waitFor(BAR, 'Active');
  });

  it('of both parties: each sees its own', async () => {
    const { foo, bar } = await wire.fooTalksWithBar();
    await wire.command(FOO, foo.callId, 'Hold');
    await wire.command(BAR, bar.callId, 'Hold');
    await wire.waitFor(FOO, 'Held');
    await wire.waitFor(BAR, 'Held');
    await wire.command(FOO, foo.callId, 'Talk');
    await wire.waitFor(FOO, 'Remote Held');
  });

  it('pressed on the phone is the same', async () => {
    await wire.fooTalksWithBar();
    await wire.press(FOO_PHONE, 'hold');
    await wire.waitFor(BAR, 'Remote Held');
  });

  it('Reconnect releases all other calls of the user; Talk does not', async () => {
    const { held, consulted } = await wire.fooConsults(ANSWERS, 'Active');
    await wire.command(FOO, held.callId, 'Talk');
    expect(await wire.look(FOO)).toHaveLength(2);
    await wire.command(FOO, held.callId, 'Reconnect');
    expect((await wire.look(FOO)).map(({ callId }) => callId)).toEqual([held.callId]);
    expect((await wire.calls('GET', FOO, `/${consulted.callId}`)).status).toBe(404);
  });

  it('Talk answers a call that rings', async () => {
    await wire.phone(BAR_PHONE, 'rings');
    await wire.dial(FOO, '5601');
    const { callId } = await wire.waitFor(BAR, 'Alerting');
    await wire.command(BAR, callId, 'Talk');
    await wire.waitFor(FOO, 'Active');
  });

  it('are refused while it rings', async () => {
    const { callId } = await wire.dial(FOO, RINGS);
    for (const command of ['Hold', 'Reconnect']) {
      expect((await wire.command(FOO, callId, command)).status).toBe(409);
    }
  });
});

describe('a retrieve', () => {
  it('rings the other devices for a new call; the old one is detached until that is answered', async () => {
    const old = await talkOnPhone();
    const answer = await wire.calls('POST', FOO, '/CallRetrieve');
    expect(answer.status).toBe(201);
    const callId = valueIn(answer.body, 'callId');
    expect(valueIn(answer.body, 'externalTrackingId')).toBe(old.externalTrackingId);
    expect(await wire.look(FOO)).toMatchObject([
      { callId: old.callId, state: 'Detached' },
      { callId, state: 'Alerting', personality: 'Click-to-Dial', remoteAddress: '+3212345601' },
    ]);
    expect((await wire.calls('GET', FOO, `/${old.callId}`)).status).toBe(404);
    expect(await wire.get(FOO, old.callId)).toContain('<allowRetrieve/>');

    await wire.press(FOO_MOBILE, 'pick-up');
    expect(await wire.look(FOO)).toMatchObject([
      { callId, state: 'Active', personality: 'Originator', addressOfRecord: FOO_MOBILE },
    ]);
    expect(await wire.control('GET', `devices/${FOO_PHONE}`)).toMatchObject({ calls: 0, ringing: 0 });
    expect(await wire.look(BAR)).toMatchObject([{ state: 'Active', remoteAddress: '+3212345600' }]);
  });

  it.each(['declined', 'released'])('that is %s leaves the call where it was', async (how) => {
    const old = await talkOnPhone();
    const answer = await wire.calls('POST', FOO, '/CallRetrieve');
    if (how === 'declined') await wire.press(FOO_MOBILE, 'hang-up');
    else await wire.calls('DELETE', FOO, `/${valueIn(answer.body, 'callId')}`);
    expect(await wire.look(FOO)).toMatchObject([
      { callId: old.callId, state: 'Active', addressOfRecord: FOO_PHONE },
    ]);
    expect(await wire.look(BAR)).toMatchObject([{ state: 'Active' }]);
    expect(await wire.control('GET', `devices/${FOO_MOBILE}`)).toMatchObject({ ringing: 0 });
  });

  it('that nobody takes after the phone has hung up leaves the call detached, for the next one', async () => {
    const old = await talkOnPhone();
    await wire.calls('POST', FOO, '/CallRetrieve');
    await wire.press(FOO_PHONE, 'hang-up');
    expect(await wire.look(FOO)).toMatchObject([{ state: 'Detached' }, { state: 'Alerting' }]);
    await wire.press(FOO_MOBILE, 'hang-up');
    expect(await wire.look(FOO)).toMatchObject([{ callId: old.callId, state: 'Detached' }]);
    await wire.phone(FOO_MOBILE, 'answers', 0);
    expect((await wire.calls('POST', FOO, '/CallRetrieve')).status).toBe(201);
    await wire.waitFor(FOO, 'Active');
    expect(await wire.look(FOO)).toHaveLength(1);
  });

  it('picks the active call before one that is held', async () => {
    await wire.phone(FOO_MOBILE, 'rings');
    const { held, consulted } = await wire.fooConsults(ANSWERS, 'Active');
    await wire.calls('POST', FOO, '/CallRetrieve');
    expect(await wire.waitFor(FOO, 'Detached')).toMatchObject({ callId: consulted.callId });
    expect(await wire.waitFor(FOO, 'Held')).toMatchObject({ callId: held.callId });
  });

  it('ends with the old call where that is released', async () => {
    const old = await talkOnPhone();
    await wire.calls('POST', FOO, '/CallRetrieve');
    await wire.calls('DELETE', FOO, `/${old.callId}`);
    expect(await wire.look()).toEqual([]);
    expect(await wire.control('GET', `devices/${FOO_MOBILE}`)).toMatchObject({ ringing: 0 });
  });

  it('is refused without a call, and without another device', async () => {
    expect((await wire.calls('POST', FOO, '/CallRetrieve')).status).toBe(404);
    await wire.fooTalksWithBar();
    expect((await wire.calls('POST', BAR, '/CallRetrieve')).status).toBe(409);
    expect(await wire.look(BAR)).toMatchObject([{ state: 'Active' }]);
  });

  it('brings back a call whose phone was lost', async () => {
    const { foo } = await wire.fooTalksWithBar();
    const [lost, left] =
      foo.addressOfRecord === FOO_PHONE ? [FOO_PHONE, FOO_MOBILE] : [FOO_MOBILE, FOO_PHONE];
    await wire.phone(lost, 'absent');
    expect(await wire.look(FOO)).toMatchObject([{ state: 'Detached' }]);
    await wire.calls('POST', FOO, '/CallRetrieve');
    expect(await wire.waitFor(FOO, 'Active')).toMatchObject({ addressOfRecord: left });
  });
});

describe('a release', () => {
  it('that declines tells the caller why', async () => {
    await wire.phone(BAR_PHONE, 'rings');
    await wire.dial(FOO, '5601');
    const { callId } = await wire.waitFor(BAR, 'Alerting');
    const answer = await wire.calls('DELETE', BAR, `/${callId}?decline=true&declineReason=Busy`);
    expect(answer.status).toBe(200);
    expect(await wire.look()).toEqual([]);
  });

  it('of a call that has ended is not found', async () => {
    const { foo } = await wire.fooTalksWithBar();
    await wire.calls('DELETE', FOO, `/${foo.callId}`);
    expect((await wire.calls('DELETE', FOO, `/${foo.callId}`)).status).toBe(404);
  });
});
