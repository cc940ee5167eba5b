import type { BaresipPhone } from '../support/baresip.js';
import { MEDIA_KINDS } from '../support/media-node.js';
import { Office } from '../support/office.js';
import { SippTrunk } from '../support/sipp.js';

const OUTSIDE = '+3212345678';

describe.each(MEDIA_KINDS)('a baresip phone and sipp as the trunk, audio through %s', (media) => {
  const office = new Office(media, { RING_TIMEOUT: '2s' });
  const fooUser = () => office.as('foouser');
  let foo: BaresipPhone;

  beforeAll(async () => {
    await office.open();
    foo = await office.phone('LP_foouser');
  });

  afterEach(() => office.clear());
  afterAll(() => office.close());

  it('talk, and are held, reconnected and released', async () => {
    const trunk = office.trunk('answers');
    const callId = await fooUser().dial(OUTSIDE);
    expect(await fooUser().only('Active')).toMatchObject({
      personality: 'Originator',
      remoteParty: { address: OUTSIDE, callType: 'Unknown' },
    });
    await office.talk(foo, trunk);
    expect((await fooUser().hold(callId)).status).toBe(200);
    await fooUser().only('Held');
    await office.silent(foo, trunk);
    expect((await fooUser().reconnect(callId)).status).toBe(200);
    await fooUser().only('Active');
    await office.talk(foo, trunk);
    expect((await fooUser().release(callId)).status).toBe(200);
    await trunk.done();
    await fooUser().none();
  });

  it.each(['isBusy', 'declines', 'knowsNoSuchNumber', 'ringsForEver'] as const)(
    'the call ends on the phone when the trunk %s',
    async (scenario) => {
      const trunk = office.trunk(scenario);
      const closed = foo.count('CALL_CLOSED');
      await fooUser().dial(OUTSIDE);
      await foo.seen('CALL_CLOSED', closed + 1);
      await trunk.done();
      await fooUser().none();
    },
  );

  it('the call ends on the phone when the far end hangs up', async () => {
    const trunk = office.trunk('hangsUp');
    const closed = foo.count('CALL_CLOSED');
    await fooUser().dial(OUTSIDE);
    await fooUser().only('Active');
    await trunk.done();
    await foo.seen('CALL_CLOSED', closed + 1);
    await fooUser().none();
  });

  it('a call from the trunk reaches the user whose number it is, and both hear each other', async () => {
    const trunk = office.withTrunk(SippTrunk.converses('+3212345600', '+3225551234', office.service.sip));
    expect(await fooUser().only('Active')).toMatchObject({
      personality: 'Terminator',
      remoteParty: { address: '+3225551234', callType: 'Unknown' },
      endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
    });
    await office.talk(foo, trunk);
    await foo.hangup();
    await trunk.done();
    await fooUser().none();
  });

  it('a call from the trunk ends on the phone when the caller hangs up', async () => {
    const trunk = office.withTrunk(SippTrunk.calls('+3212345600', '+3225551234', office.service.sip));
    await fooUser().only('Active');
    await trunk.done();
    await Promise.all([foo.idle(), fooUser().none()]);
  });
});
