import { EventStream } from './event-stream.js';
import { ANSWERS, BAR, BAR_PHONE, FOO, Wire } from './xsi-wire.js';

const BAZ = 'bazuser@foo.example';
const BAZ_PHONE = 'LP_bazuser@sip.example.test';

let wire: Wire;
beforeAll(async () => {
  wire = await Wire.start();
});
afterEach(() => wire.control('DELETE', 'calls'));
afterAll(() => wire.close());

describe('a blind transfer', () => {
  it('leaves the other party with the target, under the same tracking id', async () => {
    const { foo, bar } = await wire.fooTalksWithBar();
    await wire.phone(BAZ_PHONE, 'rings');
    expect((await wire.command(FOO, foo.callId, 'BlindTransfer?address=5602')).status).toBe(200);
    expect(await wire.look(FOO)).toEqual([]);
    expect(await wire.look(BAZ)).toMatchObject([{ state: 'Alerting', remoteAddress: '+3212345601' }]);
    await wire.press(BAZ_PHONE, 'pick-up');
    expect(await wire.look(BAR)).toMatchObject([
      {
        callId: bar.callId,
        state: 'Active',
        remoteAddress: '5602',
        externalTrackingId: foo.externalTrackingId,
      },
    ]);
    expect(await wire.look(BAZ)).toMatchObject([
      { personality: 'Terminator', state: 'Active', externalTrackingId: foo.externalTrackingId },
    ]);
  });

  it('shows the target the other party from the first ring on', async () => {
    const { foo } = await wire.fooTalksWithBar();
    const stream = await EventStream.open(wire);
    await stream.subscribe(BAZ);
    await wire.command(FOO, foo.callId, 'BlindTransfer?address=5602');
    expect(await stream.document('CallReceivedEvent')).toContain('<xsi:address>tel:+3212345601<');
    stream.stop();
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
      const answer = await wire.command(
        FOO,
        foo.callId,
        `BlindTransfer?address=${encodeURIComponent(number)}`,
      );
      expect(answer.status).toBe(409);
      expect(answer.body).toContain('The transfer has failed.');
      expect(await wire.look()).toEqual(before);
      expect(bar.remoteAddress).toBe('+3212345600');
    },
  );

  it('of a call that rings for the user deflects it', async () => {
    await wire.phone(BAR_PHONE, 'rings');
    const { callId } = await wire.dial(FOO, '5601');
    const bar = await wire.waitFor(BAR, 'Alerting');
    expect((await wire.command(BAR, bar.callId, 'BlindTransfer?address=5602')).status).toBe(200);
    await wire.waitFor(BAZ, 'Active');
    expect(await wire.waitFor(FOO, 'Active')).toMatchObject({ callId, remoteAddress: '5602' });
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
    const { held, consulted } = await wire.fooConsults('5602', 'Active');
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
    const { held, consulted } = await wire.fooConsults('5602', 'Alerting');
    const path = `ConsultTransfer/${consulted.callId}`;
    const first = wire.command(FOO, held.callId, path);
    await wire.waitFor(BAZ, 'Alerting');
    expect((await wire.command(FOO, held.callId, path)).status).toBe(409);
    await wire.press(BAZ_PHONE, 'pick-up');
    expect((await first).status).toBe(200);
    expect(await wire.look(FOO)).toEqual([]);
  });

  it('fails where the consulted party declines, and leaves the held call', async () => {
    await wire.phone(BAZ_PHONE, 'rings');
    const { held, consulted } = await wire.fooConsults('5602', 'Alerting');
    const asked = wire.command(FOO, held.callId, `ConsultTransfer/${consulted.callId}`);
    await wire.waitFor(BAZ, 'Alerting');
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
