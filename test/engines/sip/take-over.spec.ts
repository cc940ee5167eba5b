import { EngineUnderTest } from '../../support/engine.js';
import { SipPhone } from '../../support/sip-phone.js';

describe('an engine that takes over from one that died', () => {
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

  /** Nothing is said to the phones, as in a crash. */
  async function restart(): Promise<void> {
    const { port } = under.engine.address;
    await under.stop();
    await under.start(port);
  }

  it('carries on an established call with a gap in CSeq and version, and knows the phones', async () => {
    const callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    await restart();
    await under.engine.hold(under.call(callId));
    expect(under.call(callId).state).toBe('Held');
    expect(bar.seen('INVITE')[1]?.cseq.number).toBeGreaterThan(1000);
    await under.engine.release(under.call(callId));
    await Promise.all([foo.waitFor('BYE'), bar.waitFor('BYE')]);
    const again = await under.dial('5601');
    await under.reaches(again, 'Active');
  });

  it('stops the ringing of a device, and ends the call once', async () => {
    let cancelled = false;
    foo.onInvite = (incoming) => {
      incoming.respond(180);
      incoming.onCancel = () => {
        cancelled = true;
        incoming.respond(487);
      };
    };
    const callId = await under.dial('5601');
    await foo.waitFor('INVITE');
    await restart();
    expect((await under.reaches(callId, 'Released')).releaseCause).toBe('serviceRestart');
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    expect(cancelled).toBe(true);
  });

  it('hangs up a device that answers after all', async () => {
    let answer: () => void;
    foo.onInvite = (incoming) => {
      incoming.respond(180);
      answer = () => foo.answer(incoming);
      incoming.onCancel = () => answer();
    };
    const callId = await under.dial('5601');
    await foo.waitFor('INVITE');
    await restart();
    await foo.waitFor('BYE');
    expect(under.call(callId).state).toBe('Released');
  });

  it('hangs up the device that had answered while the called party rang', async () => {
    bar.onInvite = (incoming) => incoming.respond(180);
    const callId = await under.dial('5601');
    await bar.waitFor('INVITE');
    await restart();
    await foo.waitFor('BYE');
    await under.reaches(callId, 'Released');
    expect(under.recorder.sessions.size).toBe(0);
  });
});
