import { EngineUnderTest } from '../../support/engine.js';
import { SipPhone } from '../../support/sip-phone.js';
import { eventually } from '../../support/wait.js';

describe('a phone that has lost its call', () => {
  let under: EngineUnderTest;
  let desk: SipPhone;
  let mobile: SipPhone | undefined;
  let bar: SipPhone;
  let callId: string;

  beforeEach(async () => {
    under = new EngineUnderTest({ retrieveTimeoutMs: 600 });
    await under.start();
    desk = await SipPhone.register('LP_foouser', under.engine.address);
    bar = await SipPhone.register('LP_baruser', under.engine.address);
    callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    mobile = undefined;
  });
  afterEach(async () => {
    await Promise.all([desk.stop(), mobile?.stop(), bar.stop(), under.stop()]);
  });

  /** The desk phone has forgotten the call, which comes out when it is put on hold. */
  async function lose(): Promise<void> {
    desk.onRequest = (incoming) => (incoming.respond(481), true);
    await bar.sendInDialog('INVITE', bar.offer('sendonly'));
  }

  it('ends the call of a user who has no other', async () => {
    await lose();
    await under.reaches(callId, 'Released');
    await bar.waitFor('BYE');
  });

  it('leaves it detached where there is another, which can retrieve it', async () => {
    mobile = await SipPhone.register('MB_foouser', under.engine.address);
    await lose();
    await under.reaches(callId, 'Detached');
    expect(bar.seen('BYE')).toEqual([]);
    const retrieved = await under.retrieve(callId);
    await under.reaches(retrieved, 'Active');
    expect(under.call(callId)).toMatchObject({ state: 'Released', releaseCause: 'retrieved' });
    const { audioPort } = mobile;
    await eventually(
      () => bar.talk().port === audioPort || undefined,
      () => `bar is told ${JSON.stringify(bar.talk())}`,
    );
  });

  it('ends the call when nobody retrieves it', async () => {
    mobile = await SipPhone.register('MB_foouser', under.engine.address);
    await lose();
    await under.reaches(callId, 'Detached');
    await under.reaches(callId, 'Released');
    await bar.waitFor('BYE');
    expect(under.recorder.sessions.size).toBe(0);
  });
});
