import { StoreUnavailable } from '../../../src/calls/application/call-repository.js';
import { EngineUnderTest } from '../../support/engine.js';
import { SipPhone } from '../../support/sip-phone.js';
import { eventually } from '../../support/wait.js';

describe('while the store is away', () => {
  let under: EngineUnderTest;
  let phones: Record<'foo' | 'bar' | 'baz' | 'mobile', SipPhone>;
  let callId: string;

  beforeEach(async () => {
    under = new EngineUnderTest();
    await under.start();
    const [foo, bar, baz, mobile] = await Promise.all(
      ['LP_foouser', 'LP_baruser', 'LP_bazuser', 'MB_foouser'].map((user) =>
        SipPhone.register(user, under.engine.address),
      ),
    );
    phones = { foo: foo!, bar: bar!, baz: baz!, mobile: mobile! };
    phones.mobile.onInvite = (incoming) => incoming.respond(486);
    callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    await under.userReaches('baruser', 'Active');
  });
  afterEach(async () => {
    await Promise.all([...Object.values(phones).map((phone) => phone.stop()), under.stop()]);
  });

  const invited = () => Object.values(phones).reduce((sum, phone) => sum + phone.seen('INVITE').length, 0);

  it('a phone that calls is told to come again, and nobody is rung', async () => {
    const before = invited();
    under.recorder.opens = 'refused';
    const { status, headers } = await phones.bar.dial('5602');
    expect([status, headers['retry-after']]).toEqual([503, ['5']]);
    expect(invited()).toBe(before);
    under.recorder.opens = 'stored';
    phones.baz.onInvite = (incoming) => incoming.respond(603);
    expect((await phones.bar.dial('5602')).status).toBe(603);
  });

  it('a transfer on the phone is refused at once, and the call goes on', async () => {
    under.recorder.opens = 'refused';
    const headers = { 'refer-to': ['<sip:5602@sip.example.test>'] };
    expect((await phones.foo.sendInDialog('REFER', undefined, { headers })).status).toBe(202);
    await eventually(
      () => phones.foo.seen('NOTIFY').find(({ body }) => body.startsWith('SIP/2.0 503')),
      () => 'the phone is not told',
    );
    expect(under.call(callId).state).toBe('Active');
    await under.engine.hold(under.call(callId));
    expect(under.call(callId).state).toBe('Held');
  });

  it.each(['refused', 'lost'] as const)(
    'a retrieve that is %s leaves the call on its device',
    async (opens) => {
      const before = invited();
      under.recorder.opens = opens;
      await expect(under.retrieve(callId)).rejects.toThrow(StoreUnavailable);
      await under.reaches(callId, 'Active');
      expect(invited()).toBe(before);
      under.recorder.opens = 'stored';
      await under.engine.hold(under.call(callId));
      expect(under.call(callId).state).toBe('Held');
      expect(under.recorder.impossible).toEqual([]);
    },
  );

  it('a phone changes a call no more whose facts wait in great number, but may refresh and leave it', async () => {
    under.recorder.isCrowded = true;
    const { status, headers } = await phones.bar.sendInDialog('INVITE', phones.bar.offer('sendonly'));
    expect([status, headers['retry-after']]).toEqual([503, ['5']]);
    expect((await phones.bar.sendInDialog('INVITE', '')).status).toBe(200);
    expect((await phones.bar.sendInDialog('BYE')).status).toBe(200);
    await under.reaches(callId, 'Released');
  });
});
