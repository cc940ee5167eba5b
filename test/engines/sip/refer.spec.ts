import type { SipRequest } from '../../../src/sip/message.js';
import { EngineUnderTest } from '../../support/engine.js';
import { SipPhone } from '../../support/sip-phone.js';
import { eventually } from '../../support/wait.js';

function toldBy(notifies: SipRequest[]): string {
  return notifies
    .map(({ body, headers }) => `${body.split(' ')[1]} ${headers['subscription-state']?.[0]?.split(';')[0]}`)
    .join();
}

describe('a transfer asked for on the phone', () => {
  let under: EngineUnderTest;
  let foo: SipPhone;
  let bar: SipPhone;
  let baz: SipPhone;

  beforeEach(async () => {
    under = new EngineUnderTest({ transferTimeoutMs: 500 });
    await under.start();
    foo = await SipPhone.register('LP_foouser', under.engine.address);
    bar = await SipPhone.register('LP_baruser', under.engine.address);
    baz = await SipPhone.register('LP_bazuser', under.engine.address);
  });
  afterEach(async () => {
    await Promise.all([foo.stop(), bar.stop(), baz.stop(), under.stop()]);
  });

  const refer = (referTo: string, dialog = foo.dialog) =>
    foo.sendInDialog('REFER', undefined, { dialog, headers: { 'refer-to': [referTo] } });

  /** What the phone was told of the progress: each status, and the end of the subscription. */
  async function progress(...expected: string[]): Promise<void> {
    await eventually(
      () => toldBy(foo.seen('NOTIFY')) === expected.join() || undefined,
      () => `the phone was told ${toldBy(foo.seen('NOTIFY'))}`,
    );
  }

  async function hearEachOther(): Promise<void> {
    await eventually(
      () => (bar.talk().port === baz.audioPort && baz.talk().port === bar.audioPort) || undefined,
      () => `they are told ${JSON.stringify([bar.talk(), baz.talk()])}`,
    );
  }

  it('is carried out, told of by NOTIFY, and lets the phone go', async () => {
    const callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    expect((await refer('<sip:5602@sip.example.test>')).status).toBe(202);
    await progress('100 active', '180 active', '200 terminated');
    await foo.waitFor('BYE');
    await hearEachOther();
    expect(under.call(callId)).toMatchObject({ state: 'Released', releaseCause: 'transferred' });
  });

  it('that fails is told so, and the call goes on', async () => {
    const callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    baz.onInvite = (incoming) => incoming.respond(486);
    expect((await refer('<sip:5602@sip.example.test>')).status).toBe(202);
    await progress('100 active', '486 terminated');
    expect(under.call(callId).state).toBe('Active');
    expect(foo.seen('BYE')).toEqual([]);
  });

  it('with Replaces joins the two remote parties', async () => {
    const held = await under.dial('5601');
    await under.reaches(held, 'Active');
    const { dialog: ofHeld } = foo;
    await foo.sendInDialog('INVITE', foo.offer('sendonly'));
    await under.reaches(held, 'Held');
    const consulted = await under.dial('5602');
    await under.reaches(consulted, 'Active');
    const { callId = '', localTag = '', remoteTag = '' } = foo.dialog ?? {};
    const replaces = encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`);
    expect((await refer(`<sip:5602@sip.example.test?Replaces=${replaces}>`, ofHeld)).status).toBe(202);
    await progress('100 active', '200 terminated');
    await hearEachOther();
    expect([held, consulted].map((id) => under.call(id).releaseCause)).toEqual([
      'transferred',
      'transferred',
    ]);
  });

  it.each([
    ['without Refer-To', '', 400],
    ['to what is no URI', '<nobody>', 400],
    ['to a number that cannot be dialled', '<sip:99@sip.example.test>', 404],
    [
      'to a dialog that is not the own',
      '<sip:5602@sip.example.test?Replaces=x%3Bto-tag%3Da%3Bfrom-tag%3Db>',
      404,
    ],
  ])('%s is refused', async (_what, referTo, status) => {
    const callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    const headers = referTo ? { 'refer-to': [referTo] } : {};
    expect((await foo.sendInDialog('REFER', undefined, { headers })).status).toBe(status);
    expect(foo.seen('NOTIFY')).toEqual([]);
    expect(under.call(callId).state).toBe('Active');
  });
});
