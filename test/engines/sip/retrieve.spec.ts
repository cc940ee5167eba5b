import { EngineUnderTest } from '../../support/engine.js';
import { SipPhone } from '../../support/sip-phone.js';
import { eventually } from '../../support/wait.js';

describe('a retrieve', () => {
  let under: EngineUnderTest;
  let desk: SipPhone;
  let mobile: SipPhone;
  let bar: SipPhone;
  let callId: string;

  /** foouser talks with baruser on the desk phone; the mobile registers afterwards. */
  beforeEach(async () => {
    under = new EngineUnderTest({ retrieveTimeoutMs: 500 });
    await under.start();
    desk = await SipPhone.register('LP_foouser', under.engine.address);
    bar = await SipPhone.register('LP_baruser', under.engine.address);
    callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    mobile = await SipPhone.register('MB_foouser', under.engine.address);
  });
  afterEach(async () => {
    await Promise.all([desk.stop(), mobile.stop(), bar.stop(), under.stop()]);
  });

  async function talkOn(phone: SipPhone): Promise<void> {
    await eventually(
      () => (phone.talk().port === bar.audioPort && bar.talk().port === phone.audioPort) || undefined,
      () => `${phone.addressOfRecord} and bar are told ${JSON.stringify([phone.talk(), bar.talk()])}`,
    );
    expect([phone.talk().direction, bar.talk().direction]).toEqual(['sendrecv', 'sendrecv']);
  }

  it('moves the call to the device that answers; the remote party hears no release', async () => {
    const retrieved = await under.retrieve(callId);
    await under.reaches(retrieved, 'Active');
    expect(under.call(retrieved)).toMatchObject({
      personality: 'Originator',
      endpoint: { addressOfRecord: 'MB_foouser@sip.example.test' },
      remoteParty: { address: '+3212345601', callType: 'Group' },
      externalTrackingId: under.call(callId).externalTrackingId,
    });
    expect(under.call(callId)).toMatchObject({ state: 'Released', releaseCause: 'retrieved' });
    expect(under.kindsOf(callId).slice(-2)).toEqual(['detached', 'released']);
    await desk.waitFor('BYE');
    await talkOn(mobile);
    expect(bar.seen('BYE')).toEqual([]);
    expect(under.callOf('baruser')?.state).toBe('Active');
  });

  it('detaches the call while the other device rings', async () => {
    mobile.onInvite = (incoming) => mobile.ring(incoming);
    const retrieved = await under.retrieve(callId);
    expect(under.call(callId).state).toBe('Detached');
    expect(under.call(retrieved)).toMatchObject({ state: 'Alerting', personality: 'Click-to-Dial' });
    expect(under.callOf('baruser')?.state).toBe('Active');
  });

  it('leaves the call where it was when no device answers', async () => {
    mobile.onInvite = (incoming) => mobile.ring(incoming);
    const retrieved = await under.retrieve(callId);
    await under.reaches(retrieved, 'Released');
    expect(under.call(retrieved).releaseCause).toBe('noAnswer');
    await under.reaches(callId, 'Active');
    await talkOn(desk);
    expect([...desk.seen('BYE'), ...bar.seen('BYE')]).toEqual([]);
  });

  it.each([
    ['held by the user', 'Held'],
    ['held by the remote party', 'Remote Held'],
    ['held by both', 'Both Held'],
  ] as const)('that fails brings a call %s back as it was', async (_who, state) => {
    if (state !== 'Held') await bar.sendInDialog('INVITE', bar.offer('sendonly'));
    if (state !== 'Remote Held') await under.engine.hold(under.call(callId));
    await under.reaches(callId, state);
    mobile.onInvite = (incoming) => incoming.respond(486);
    const retrieved = await under.retrieve(callId);
    await under.reaches(retrieved, 'Released');
    await under.reaches(callId, state);
  });

  it('takes a held call off hold', async () => {
    await under.engine.hold(under.call(callId));
    const retrieved = await under.retrieve(callId);
    await under.reaches(retrieved, 'Active');
    await under.userReaches('baruser', 'Active');
    await talkOn(mobile);
  });

  it('is called off by a release of the new call, and ends everything by one of the old', async () => {
    mobile.onInvite = (incoming) => mobile.ring(incoming);
    const first = await under.retrieve(callId);
    await under.engine.release(under.call(first));
    expect(under.call(first).state).toBe('Released');
    await under.reaches(callId, 'Active');

    const second = await under.retrieve(callId);
    await under.engine.release(under.call(callId));
    expect([callId, second].map((id) => under.call(id).state)).toEqual(['Released', 'Released']);
    await bar.waitFor('BYE');
    expect(under.recorder.sessions.size).toBe(0);
  });

  it('goes on when the old device hangs up meanwhile', async () => {
    mobile.onInvite = (incoming) => mobile.ring(incoming);
    const retrieved = await under.retrieve(callId);
    await mobile.waitFor('INVITE');
    await desk.sendInDialog('BYE');
    await under.reaches(callId, 'Released');
    mobile.pickUp();
    await under.reaches(retrieved, 'Active');
    await talkOn(mobile);
  });

  it('is refused to a user with one device', async () => {
    const theirs = under.callOf('baruser')!;
    await expect(under.engine.retrieve(theirs, under.user('baruser'))).rejects.toMatchObject({
      reason: 'noDevice',
    });
    expect(under.callOf('baruser')?.state).toBe('Active');
  });

  it('is refused where no other device is registered, or another one is under way', async () => {
    mobile.onInvite = (incoming) => mobile.ring(incoming);
    await under.retrieve(callId);
    await expect(under.retrieve(callId)).rejects.toMatchObject({ reason: 'busy' });
    await under.reaches(callId, 'Active');
    await mobile.sendRegister('0');
    await expect(under.retrieve(callId)).rejects.toMatchObject({ reason: 'noDevice' });
    expect(under.call(callId).state).toBe('Active');
  });
});
