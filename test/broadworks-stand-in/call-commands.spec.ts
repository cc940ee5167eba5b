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

const BAZ = 'bazuser@foo.example';
const BAZ_PHONE = 'LP_bazuser@sip.example.test';

let wire: Wire;
beforeAll(async () => {
  wire = await Wire.start();
});
afterEach(() => wire.control('DELETE', 'calls'));
afterAll(() => wire.close());

/** foouser talks with baruser on hold and has called the number. */
async function consulting(number: string, state: string): Promise<{ held: SeenCall; consulted: SeenCall }> {
  const { foo } = await wire.fooTalksWithBar();
  await wire.command(FOO, foo.callId, 'Hold');
  const { callId } = await wire.dial(FOO, number);
  await wire.until(FOO, state, [foo.callId]);
  const calls = await wire.look(FOO);
  return { held: foo, consulted: calls.find((call) => call.callId === callId) as SeenCall };
}

describe('hold and reconnect', () => {
  it('are seen on both sides', async () => {
    const { foo } = await wire.fooTalksWithBar();
    expect(await wire.command(FOO, foo.callId, 'Hold')).toMatchObject({ status: 200, body: '' });
    await wire.until(FOO, 'Held');
    await wire.until(BAR, 'Remote Held');
    expect(valueIn(await wire.get(FOO, foo.callId), 'heldTime')).toMatch(/^\d{13}$/);
    expect((await wire.command(FOO, foo.callId, 'Reconnect')).status).toBe(200);
    await wire.until(FOO, 'Active');
    await wire.until(BAR, 'Active');
  });

  it('of both parties: each sees its own', async () => {
    const { foo, bar } = await wire.fooTalksWithBar();
    await wire.command(FOO, foo.callId, 'Hold');
    await wire.command(BAR, bar.callId, 'Hold');
    await wire.until(FOO, 'Held');
    await wire.until(BAR, 'Held');
    await wire.command(FOO, foo.callId, 'Talk');
    await wire.until(FOO, 'Remote Held');
  });

  it('pressed on the phone is the same', async () => {
    await wire.fooTalksWithBar();
    await wire.press(FOO_PHONE, 'hold').catch(() => wire.press(FOO_MOBILE, 'hold'));
    await wire.until(BAR, 'Remote Held');
  });

  it('Reconnect releases all other calls of the user; Talk does not', async () => {
    const { held, consulted } = await consulting(ANSWERS, 'Active');
    await wire.command(FOO, held.callId, 'Talk');
    expect(await wire.look(FOO)).toHaveLength(2);
    await wire.command(FOO, held.callId, 'Reconnect');
    expect((await wire.look(FOO)).map(({ callId }) => callId)).toEqual([held.callId]);
    expect((await wire.calls('GET', FOO, `/${consulted.callId}`)).status).toBe(404);
  });

  it('Talk answers a call that rings', async () => {
    await wire.phone(BAR_PHONE, 'rings');
    await wire.dial(FOO, '5601');
    const { callId } = await wire.until(BAR, 'Alerting');
    await wire.command(BAR, callId, 'Talk');
    await wire.until(FOO, 'Active');
  });

  it('are refused while it rings', async () => {
    const { callId } = await wire.dial(FOO, RINGS);
    for (const command of ['Hold', 'Reconnect']) {
      expect((await wire.command(FOO, callId, command)).status).toBe(409);
    }
  });
});

describe('a blind transfer', () => {
  it('leaves the other party with the target, under the same tracking id', async () => {
    const { foo, bar } = await wire.fooTalksWithBar();
    await wire.phone(BAZ_PHONE, 'rings');
    expect((await wire.command(FOO, foo.callId, 'BlindTransfer?address=5602')).status).toBe(200);
    expect(await wire.look(FOO)).toEqual([]);
    expect(await wire.look(BAZ)).toMatchObject([{ state: 'Alerting', remoteAddress: '+3212345601' }]);
    await wire.press(BAZ_PHONE, 'pick-up');
    expect(await wire.look(BAR)).toMatchObject([
      { callId: bar.callId, state: 'Active', remoteAddress: '5602', externalTrackingId: foo.externalTrackingId },
    ]);
    expect(await wire.look(BAZ)).toMatchObject([
      { personality: 'Terminator', state: 'Active', externalTrackingId: foo.externalTrackingId },
    ]);
  });

  it('takes back whom the user had on hold', async () => {
    const { foo } = await wire.fooTalksWithBar();
    await wire.command(FOO, foo.callId, 'Hold');
    await wire.command(FOO, foo.callId, `BlindTransfer?address=${encodeURIComponent(ANSWERS)}`);
    expect(await wire.look()).toMatchObject([{ userId: BAR, state: 'Active', remoteAddress: ANSWERS }]);
  });

  it.each(['+3212345680', '+3212345682', '+3212345686', '5699', '5605'])(
    'to %s fails and leaves the call as it was',
    async (number) => {
      const { foo, bar } = await wire.fooTalksWithBar();
      const before = await wire.look();
      const answer = await wire.command(FOO, foo.callId, `BlindTransfer?address=${encodeURIComponent(number)}`);
      expect(answer.status).toBe(409);
      expect(answer.body).toContain('The transfer has failed.');
      expect(await wire.look()).toEqual(before);
      expect(bar.remoteAddress).toBe('+3212345600');
    },
  );

  it('of a call that rings for the user deflects it', async () => {
    await wire.phone(BAR_PHONE, 'rings');
    const { callId } = await wire.dial(FOO, '5601');
    const bar = await wire.until(BAR, 'Alerting');
    expect((await wire.command(BAR, bar.callId, 'BlindTransfer?address=5602')).status).toBe(200);
    await wire.until(BAZ, 'Active');
    expect(await wire.until(FOO, 'Active')).toMatchObject({ callId, remoteAddress: '5602' });
    expect(await wire.look(BAR)).toEqual([]);
    expect(await wire.control('GET', `devices/${BAR_PHONE}`)).toMatchObject({ ringing: 0 });
  });

  it('to a phone that declines later ends the call', async () => {
    const { foo } = await wire.fooTalksWithBar();
    await wire.phone(BAZ_PHONE, 'declines', 30);
    expect((await wire.command(FOO, foo.callId, 'BlindTransfer?address=5602')).status).toBe(200);
    await wire.none();
  });
});

describe('a consultative transfer', () => {
  it('joins both remote parties under one tracking id', async () => {
    const { held, consulted } = await consulting('5602', 'Active');
    const [baz] = await wire.look(BAZ);
    const answer = await wire.command(FOO, held.callId, `ConsultTransfer/${consulted.callId}`);
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(await wire.look(FOO)).toEqual([]);
    expect(await wire.look(BAR)).toMatchObject([
      { state: 'Active', remoteAddress: '5602', externalTrackingId: held.externalTrackingId },
    ]);
    expect(await wire.look(BAZ)).toMatchObject([
      {
        callId: baz?.callId,
        state: 'Active',
        remoteAddress: '+3212345601',
        externalTrackingId: held.externalTrackingId,
      },
    ]);
    await wire.press(BAZ_PHONE, 'hang-up');
    expect(await wire.look()).toEqual([]);
  });

  it('waits while the consulted party rings, and lets no second one in', async () => {
    await wire.phone(BAZ_PHONE, 'rings');
    const { held, consulted } = await consulting('5602', 'Alerting');
    const path = `ConsultTransfer/${consulted.callId}`;
    const first = wire.command(FOO, held.callId, path);
    await wire.until(BAZ, 'Alerting');
    expect((await wire.command(FOO, held.callId, path)).status).toBe(409);
    await wire.press(BAZ_PHONE, 'pick-up');
    expect((await first).status).toBe(200);
    expect(await wire.look(FOO)).toEqual([]);
  });

  it('fails where the consulted party declines, and leaves the held call', async () => {
    await wire.phone(BAZ_PHONE, 'rings');
    const { held, consulted } = await consulting('5602', 'Alerting');
    const asked = wire.command(FOO, held.callId, `ConsultTransfer/${consulted.callId}`);
    await wire.until(BAZ, 'Alerting');
    await wire.press(BAZ_PHONE, 'hang-up');
    expect((await asked).status).toBe(409);
    expect(await wire.look(FOO)).toMatchObject([{ callId: held.callId, state: 'Held' }]);
  });

  it('with a call of nobody, or with itself, is refused', async () => {
    const { foo } = await wire.fooTalksWithBar();
    expect((await wire.command(FOO, foo.callId, 'ConsultTransfer/callhalf-1:0')).status).toBe(404);
    expect((await wire.command(FOO, foo.callId, `ConsultTransfer/${foo.callId}`)).status).toBe(409);
  });
});

describe('a retrieve', () => {
  /** foouser talks on one phone, and the other rings for ever. */
  async function talkOnPhone(): Promise<SeenCall> {
    await wire.phone(FOO_MOBILE, 'rings');
    const { foo } = await wire.fooTalksWithBar();
    return foo;
  }

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
    expect(await wire.control('GET', `devices/${FOO_PHONE}`)).toMatchObject({ calls: 0, ringing: 0 });
    expect((await wire.calls('GET', FOO, `/${old.callId}`)).status).toBe(404);
    expect(await wire.get(FOO, old.callId)).toContain('<allowRetrieve/>');

    await wire.press(FOO_MOBILE, 'pick-up');
    expect(await wire.look(FOO)).toMatchObject([
      { callId, state: 'Active', personality: 'Originator', addressOfRecord: FOO_MOBILE },
    ]);
    expect(await wire.look(BAR)).toMatchObject([{ state: 'Active', remoteAddress: '+3212345600' }]);
  });

  it('that nobody answers leaves the call detached, for the next one', async () => {
    const old = await talkOnPhone();
    await wire.calls('POST', FOO, '/CallRetrieve');
    await wire.press(FOO_MOBILE, 'hang-up');
    expect(await wire.look(FOO)).toMatchObject([{ callId: old.callId, state: 'Detached' }]);
    await wire.phone(FOO_MOBILE, 'answers', 0);
    expect((await wire.calls('POST', FOO, '/CallRetrieve')).status).toBe(201);
    await wire.until(FOO, 'Active');
    expect(await wire.look(FOO)).toHaveLength(1);
  });

  it('picks the active call before one that is held', async () => {
    await wire.phone(FOO_MOBILE, 'rings');
    const { held, consulted } = await consulting(ANSWERS, 'Active');
    await wire.calls('POST', FOO, '/CallRetrieve');
    expect(await wire.until(FOO, 'Detached')).toMatchObject({ callId: consulted.callId });
    expect(await wire.until(FOO, 'Held')).toMatchObject({ callId: held.callId });
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
    const [lost, left] = foo.addressOfRecord === FOO_PHONE ? [FOO_PHONE, FOO_MOBILE] : [FOO_MOBILE, FOO_PHONE];
    await wire.phone(lost, 'absent');
    expect(await wire.look(FOO)).toMatchObject([{ state: 'Detached' }]);
    await wire.calls('POST', FOO, '/CallRetrieve');
    expect(await wire.until(FOO, 'Active')).toMatchObject({ addressOfRecord: left });
  });
});

describe('a release', () => {
  it('that declines tells the caller why', async () => {
    await wire.phone(BAR_PHONE, 'rings');
    await wire.dial(FOO, '5601');
    const { callId } = await wire.until(BAR, 'Alerting');
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
