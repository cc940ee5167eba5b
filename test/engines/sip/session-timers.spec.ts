import { EngineUnderTest } from '../../support/engine.js';
import { SipPhone } from '../../support/sip-phone.js';

describe('session timers (RFC 4028)', () => {
  let under: EngineUnderTest;
  let foo: SipPhone;
  let bar: SipPhone;

  beforeEach(async () => {
    under = new EngineUnderTest();
    await under.start();
    foo = await SipPhone.register('LP_foouser', under.engine.address);
    bar = await SipPhone.register('LP_baruser', under.engine.address);
  });
  afterEach(async () => {
    await Promise.all([foo.stop(), bar.stop(), under.stop()]);
  });

  it('refresh a leg half-way with the session that it has', async () => {
    bar.onInvite = (incoming) => bar.answer(incoming, { 'session-expires': ['4;refresher=uac'] });
    const callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    const refresh = await bar.waitFor('INVITE', 2);
    expect(refresh.body).toBe(bar.acks[0]?.body);
    expect(under.call(callId).state).toBe('Active');
  });

  it('end the call of a phone that should refresh and has gone silent', async () => {
    bar.onInvite = (incoming) => bar.answer(incoming, { 'session-expires': ['2;refresher=uas'] });
    const callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    expect((await under.reaches(callId, 'Released')).releaseCause).toBe('sessionExpired');
    await Promise.all([foo.waitFor('BYE'), bar.waitFor('BYE')]);
  });

  it('end the call when a refresh finds that the phone has lost it', async () => {
    bar.onInvite = (incoming) => bar.answer(incoming, { 'session-expires': ['4;refresher=uac'] });
    bar.onRequest = (incoming) => {
      if (incoming.request.method === 'INVITE') incoming.respond(481);
      return incoming.request.method === 'INVITE';
    };
    const callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    expect((await under.reaches(callId, 'Released')).releaseCause).toBe('unreachable');
    await foo.waitFor('BYE');
  });
});
