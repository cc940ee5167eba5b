import { EngineRefusal } from '../../../src/calls/application/call-engine.js';
import { header } from '../../../src/sip/message.js';
import { audioOf, directionOf } from '../../../src/sip/sdp.js';
import { EngineUnderTest } from '../../support/engine.js';
import { SipPhone } from '../../support/sip-phone.js';
import { eventually } from '../../support/wait.js';

describe('setting up a call', () => {
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

  it('goes by flow III of RFC 3725', async () => {
    const callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    const [first, second] = foo.seen('INVITE');
    expect(first?.body).toBe('');
    expect(first?.from.uri).toContain('+3212345601@');
    expect(bar.seen('INVITE')[0]?.body).toBe('');
    expect(bar.seen('INVITE')[0]?.from.uri).toContain('+3212345600@');
    expect(directionOf(second?.body ?? '')).toBe('sendrecv');
    expect(foo.acks.map(({ body }) => (body ? directionOf(body) : 'none'))).toEqual(['inactive', 'none']);
    expect(bar.acks.map(({ body }) => directionOf(body))).toEqual(['sendrecv']);
  });

  it('offers an empty session to a device that refuses an INVITE without an offer (flow II)', async () => {
    foo.onInvite = (incoming) => (incoming.request.body ? foo.answer(incoming) : incoming.respond(488));
    bar.onInvite = (incoming) => (incoming.request.body ? bar.answer(incoming) : incoming.respond(488));
    const callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    expect(
      foo
        .seen('INVITE')
        .slice(0, 2)
        .map(({ body }) => body && directionOf(body)),
    ).toEqual(['', 'inactive']);
    expect(audioOf(bar.seen('INVITE')[1]?.body ?? '')).toBeDefined();
  });

  it('asks again with the interval that a phone wants at least (422)', async () => {
    foo.onInvite = (incoming) =>
      header(incoming.request, 'min-se') === '3600'
        ? foo.answer(incoming)
        : incoming.respond(422, { headers: { 'min-se': ['3600'] } });
    const callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    expect(foo.seen('INVITE').map((each) => header(each, 'session-expires'))).toEqual([
      '1800',
      '3600',
      '1800',
    ]);
  });

  it('ends the call when the device will not take the media of the called party', async () => {
    foo.onRequest = (incoming) => {
      if (incoming.request.method !== 'INVITE') return false;
      incoming.respond(488);
      return true;
    };
    const callId = await under.dial('5601');
    expect((await under.reaches(callId, 'Released')).releaseCause).toBe('mediaRefused');
    await Promise.all([foo.waitFor('BYE'), bar.waitFor('BYE')]);
  });

  it('hangs up a phone whose answer crosses the release', async () => {
    let answer: () => void;
    foo.onInvite = (incoming) => {
      incoming.respond(180);
      incoming.onCancel = () => answer();
      answer = () => foo.answer(incoming);
    };
    const callId = await under.dial('5601');
    await foo.waitFor('INVITE');
    await under.engine.release(under.call(callId));
    await foo.waitFor('BYE');
    expect(under.call(callId)).toMatchObject({ state: 'Released', releaseCause: 'canceled' });
    expect(bar.seen('INVITE')).toHaveLength(0);
  });

  it('from a phone passes ringing and answer on, and both calls are seen', async () => {
    const response = await foo.dial('5601');
    expect(response.status).toBe(200);
    await bar.waitFor('INVITE');
    const mine = under.callOf('foouser');
    expect(mine).toMatchObject({ personality: 'Originator', state: 'Active' });
    expect(under.callOf('baruser')).toMatchObject({
      personality: 'Terminator',
      state: 'Active',
      externalTrackingId: mine?.externalTrackingId,
    });
    await under.engine.hold(mine!);
    expect(under.callOf('baruser')?.state).toBe('Remote Held');
    await under.engine.release(mine!);
    await Promise.all([foo.waitFor('BYE'), bar.waitFor('BYE')]);
  });

  it('from a phone without an offer brings that of the called party, and the answer back in the ACK', async () => {
    expect((await foo.dialWithoutOffer('5601')).status).toBe(200);
    await under.userReaches('foouser', 'Active');
    await eventually(
      () => bar.acks[0],
      () => 'the ACK does not come',
    );
    expect(directionOf(bar.acks[0]?.body ?? '')).toBe('sendrecv');
  });

  it('ends when the answer in the ACK cannot be used', async () => {
    await foo.dialWithoutOffer('5601', 'no description');
    await Promise.all([foo.waitFor('BYE'), bar.waitFor('BYE')]);
    expect(under.callOf('foouser')).toBeUndefined();
  });

  it.each([
    [486, 486, 'busy'],
    [603, 603, 'declined'],
    [480, 480, 'unreachable'],
  ] as const)(
    'from a phone whose called party answers %d is refused with %d',
    async (given, status, cause) => {
      bar.onInvite = (incoming) => incoming.respond(given);
      expect((await foo.dial('5601')).status).toBe(status);
      const [call] = [...under.recorder.calls.values()]
        .filter(({ owner }) => owner.userId === 'foouser')
        .slice(-1);
      expect(call).toMatchObject({ state: 'Released', releaseCause: cause });
    },
  );

  it('from a phone to a number that is none is refused with 404, and to one that nobody serves with 480', async () => {
    const before = under.recorder.calls.size;
    expect((await foo.dial('5699')).status).toBe(404);
    expect((await foo.dial('5605')).status).toBe(480);
    expect((await foo.dial('+3212345678')).status).toBe(480);
    expect(under.recorder.calls.size).toBe(before);
  });

  it('is not begun for a user without a phone', async () => {
    await foo.sendRegister('0');
    const callId = await under.dial('5601');
    expect((await under.reaches(callId, 'Released')).releaseCause).toBe('unreachable');
    await expect(under.engine.hold(under.call(callId))).rejects.toThrow(EngineRefusal);
  });
});

describe('a trunk by name', () => {
  it('is called at its address', async () => {
    const trunk = new EngineUnderTest();
    await trunk.start();
    const { port } = trunk.engine.address;
    const under = new EngineUnderTest({ trunk: { transport: 'udp', host: 'localhost', port } });
    await under.start();
    const phone = await SipPhone.register('LP_foouser', under.engine.address);
    const callId = await under.dial('+3212345678');
    // The other engine takes no calls from us.
    expect((await under.reaches(callId, 'Released')).releaseCause).toBe('declined');
    await Promise.all([phone.stop(), under.stop(), trunk.stop()]);
  });

  it('that has no address stops the start', async () => {
    const under = new EngineUnderTest({ trunk: { transport: 'udp', host: 'trunk.invalid', port: 5060 } });
    await expect(under.start()).rejects.toThrow('SIP_TRUNK, trunk.invalid');
    await under.stop();
  });
});
