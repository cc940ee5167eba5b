import { ANSWERS, BAR, BAR_PHONE, FOO, FOO_MOBILE, FOO_PHONE, RINGS, valueIn, Wire } from './xsi-wire.js';

let wire: Wire;
beforeAll(async () => {
  wire = await Wire.start();
});
afterEach(() => wire.control('DELETE', 'calls'));
afterAll(() => wire.close());

describe('a click-to-dial', () => {
  it('is answered 201 with the ids and where the call is', async () => {
    const answer = await wire.calls('POST', FOO, '/new?address=5601');
    expect(answer.status).toBe(201);
    const callId = valueIn(answer.body, 'callId');
    expect(callId).toMatch(/^callhalf-\d+:0$/);
    expect(valueIn(answer.body, 'externalTrackingId')).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(answer.location).toBe(`/com.broadsoft.xsi-actions/v2.0/user/${FOO}/calls/${callId}`);
    expect(answer.type).toBe('application/xml; charset=UTF-8');
    expect(answer.body).toContain('<CallStartInfo xmlns="http://schema.broadsoft.com/xsi"');
  });

  it('rings all devices of the user first, and the one that answers has the call', async () => {
    await wire.phone(FOO_PHONE, 'rings');
    await wire.phone(FOO_MOBILE, 'rings');
    const { callId } = await wire.dial(FOO, RINGS);
    for (const phone of [FOO_PHONE, FOO_MOBILE]) {
      expect(await wire.control('GET', `devices/${phone}`)).toMatchObject({ ringing: 1, calls: 0 });
    }
    const ringing = await wire.get(FOO, callId);
    expect(valueIn(ringing, 'personality')).toBe('Click-to-Dial');
    expect(valueIn(ringing, 'state')).toBe('Alerting');
    expect(ringing).not.toContain('endpoint');

    await wire.press(FOO_MOBILE, 'pick-up');
    const picked = await wire.get(FOO, callId);
    expect(valueIn(picked, 'personality')).toBe('Originator');
    expect(valueIn(picked, 'state')).toBe('Alerting');
    expect(valueIn(picked, 'addressOfRecord')).toBe(FOO_MOBILE);
    expect(await wire.control('GET', `devices/${FOO_PHONE}`)).toMatchObject({ ringing: 0 });
  });

  it('to a colleague has two halves with one tracking id, each with the other as remote party', async () => {
    const { callId, trackingId } = await wire.dial(FOO, '5601');
    const foo = await wire.waitFor(FOO, 'Active');
    const bar = await wire.waitFor(BAR, 'Active');
    expect(foo).toMatchObject({ callId, externalTrackingId: trackingId, remoteAddress: '+3212345601' });
    expect(bar).toMatchObject({
      externalTrackingId: trackingId,
      personality: 'Terminator',
      remoteAddress: '+3212345600',
      addressOfRecord: BAR_PHONE,
    });
    const xml = await wire.get(FOO, callId);
    expect(xml).toContain(
      `<remoteParty><name>Bär &amp; Söhne</name><address>tel:+3212345601</address><userId>${BAR}</userId>` +
        '<userDN>tel:+3212345601</userDN><callType>Group</callType></remoteParty>',
    );
    expect(xml).toContain(
      '<endpoint xsi:type="AccessEndpoint"><addressOfRecord>LP_foouser@sip.example.test</addressOfRecord></endpoint>',
    );
    expect(Number(valueIn(xml, 'answerTime'))).toBeGreaterThanOrEqual(Number(valueIn(xml, 'startTime')));
    expect(valueIn(xml, 'appearance')).toBe('1');
  });

  it.each([
    ['an extension', FOO, '5602', 'bazuser@foo.example'],
    ['E.164', FOO, '+3212345601', BAR],
    ['E.164 with separators', FOO, '+32-12 345601', BAR],
    ['00 and the country', FOO, '003212345601', BAR],
    ['a national number', FOO, '012345601', BAR],
    ['a tel URI', FOO, 'tel:+3212345601', BAR],
    ['a user id', FOO, BAR, BAR],
    ['E.164 of another group', FOO, '+3298765400', 'otheruser@bar.example'],
    ['the extension of the own group', 'otheruser@bar.example', '5600', 'otheruser@bar.example'],
  ])('understands %s', async (_kind, user, address, called) => {
    await wire.dial(user, address);
    await wire.waitFor(called, 'Active');
    const personalities = (await wire.look(called)).map(({ personality }) => personality);
    expect(personalities).toContain('Terminator');
  });

  it('to another group is of the network', async () => {
    const { callId } = await wire.dial(FOO, '+3298765400');
    await wire.waitFor(FOO, 'Active');
    expect(valueIn(await wire.get(FOO, callId), 'callType')).toBe('Network');
  });

  it('from a user whose devices are all absent is refused, and no call is left behind', async () => {
    const answer = await wire.calls('POST', 'offlineuser@foo.example', '/new?address=5601');
    expect(answer.status).toBe(409);
    expect(valueIn(answer.body, 'summaryEnglish')).toBe('No device of the user can be reached.');
    expect(valueIn(answer.body, 'errorCode')).toMatch(/^\d+$/);
    expect(await wire.look()).toEqual([]);
  });

  it.each(['', 'abc', '+', 'sip:5601x@example.com'])('to %j is refused', async (address) => {
    const answer = await wire.calls('POST', FOO, `/new?address=${encodeURIComponent(address)}`);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('<ErrorInfo');
  });

  it('that the own device declines ends', async () => {
    await wire.phone(FOO_PHONE, 'declines');
    await wire.dial(FOO, '5601');
    await wire.none();
  });

  it.each(['+3212345680', '+3212345682', '+3212345686', '+3299999999', '5699'])(
    'to %s, which does not answer, ends',
    async (number) => {
      const { callId } = await wire.dial(FOO, number);
      await wire.none();
      expect(await wire.control('GET', 'calls')).toMatchObject({
        ended: expect.arrayContaining([callId]),
      });
      expect((await wire.calls('GET', FOO, `/${callId}`)).status).toBe(404);
    },
  );

  it('of a user who talks leaves the other call active, on a line of its own', async () => {
    await wire.dial(FOO, ANSWERS);
    const first = await wire.waitFor(FOO, 'Active');
    const { callId } = await wire.dial(FOO, '+3212345765');
    await wire.waitFor(FOO, 'Active', [first.callId]);
    expect((await wire.look(FOO)).map(({ state }) => state)).toEqual(['Active', 'Active']);
    expect(valueIn(await wire.get(FOO, callId), 'appearance')).toBe('2');
  });
});

describe('outside', () => {
  it('+3212345683 hangs up two seconds after it has answered', async () => {
    await wire.dial(FOO, '+3212345683');
    await wire.waitFor(FOO, 'Active');
    const answered = Date.now();
    await wire.none();
    expect(Date.now() - answered).toBeGreaterThan(1_500);
  });

  it('+3212345684 puts the caller on hold after two seconds, and takes back', async () => {
    await wire.dial(FOO, '+3212345684');
    await wire.waitFor(FOO, 'Active');
    await wire.waitFor(FOO, 'Remote Held');
    await wire.waitFor(FOO, 'Active');
  }, 10_000);

  it('any number can call a user, and hang up', async () => {
    expect(await wire.press('+32470000001', 'dial', { number: '+3212345600' })).toEqual({ status: 200 });
    const call = await wire.waitFor(FOO, 'Active');
    expect(call).toMatchObject({ personality: 'Terminator', remoteAddress: '+32470000001' });
    await wire.press('+32470000001', 'hold');
    await wire.waitFor(FOO, 'Remote Held');
    await wire.press('+32470000001', 'hang-up');
    await wire.none();
  });
});

describe('a number dialled on a phone', () => {
  it('is a call of the user, Originator from the first', async () => {
    await wire.phone(BAR_PHONE, 'rings');
    const dialled = wire.press(FOO_PHONE, 'dial', { number: '5601' });
    expect(await wire.waitFor(FOO, 'Alerting')).toMatchObject({
      personality: 'Originator',
      addressOfRecord: FOO_PHONE,
      remoteAddress: '+3212345601',
    });
    await wire.press(BAR_PHONE, 'pick-up');
    expect(await dialled).toEqual({ status: 200 });
  });

  it.each([
    ['+3212345680', 486],
    ['+3212345682', 603],
    ['+3212345686', 404],
    ['5605', 480],
    ['nonsense', 404],
  ])('%s: the phone hears %i', async (number, status) => {
    expect(await wire.press(FOO_PHONE, 'dial', { number })).toEqual({ status });
    expect(await wire.look()).toEqual([]);
  });

  it('hears 487 when its call is released before the answer', async () => {
    const dialled = wire.press(FOO_PHONE, 'dial', { number: RINGS });
    const { callId } = await wire.waitFor(FOO, 'Alerting');
    await wire.calls('DELETE', FOO, `/${callId}`);
    expect(await dialled).toEqual({ status: 487 });
  });
});

describe('the calls of a user', () => {
  it('are listed with their paths; none is an empty list', async () => {
    expect((await wire.calls('GET', FOO)).body).toContain('<Calls xmlns="http://schema.broadsoft.com/xsi"');
    const { callId } = await wire.dial(FOO, RINGS);
    const { status, body } = await wire.calls('GET', FOO);
    expect(status).toBe(200);
    expect(body).toContain(
      `<call inConference="false"><callId>${callId}</callId><uri>/v2.0/user/${FOO}/calls/${callId}</uri></call>`,
    );
  });

  it('are not found under another user', async () => {
    const { callId } = await wire.dial(FOO, RINGS);
    expect((await wire.calls('GET', BAR, `/${callId}`)).status).toBe(404);
    expect((await wire.calls('DELETE', BAR, `/${callId}`)).status).toBe(404);
  });

  it('end on both sides when one releases', async () => {
    const { foo, bar } = await wire.fooTalksWithBar();
    expect(await wire.calls('DELETE', FOO, `/${encodeURIComponent(foo.callId)}`)).toMatchObject({
      status: 200,
      body: '',
    });
    expect(await wire.look()).toEqual([]);
    const { ended } = await wire.control<{ ended: string[] }>('GET', 'calls');
    expect(ended).toEqual(expect.arrayContaining([foo.callId, bar.callId]));
  });

  it('have ids that no former run has given', async () => {
    const { callId } = await wire.dial(FOO, RINGS);
    const later = await Wire.start();
    const again = await later.dial(FOO, RINGS);
    await later.close();
    expect(Number(/\d+/.exec(again.callId)?.[0])).toBeGreaterThan(Number(/\d+/.exec(callId)?.[0]));
  });
});
