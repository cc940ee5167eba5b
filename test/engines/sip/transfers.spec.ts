import { EngineUnderTest } from '../../support/engine.js';
import { SipPhone } from '../../support/sip-phone.js';
import { eventually } from '../../support/wait.js';

/** The two hear each other, and nobody else. @param call of `one`, its last one by default */
async function talk(one: SipPhone, other: SipPhone, call = one.dialog): Promise<void> {
  const wanted = [
    { port: other.audioPort, direction: 'sendrecv' },
    { port: one.audioPort, direction: 'sendrecv' },
  ];
  await eventually(
    () => JSON.stringify([one.talk(call), other.talk()]) === JSON.stringify(wanted) || undefined,
    () => `they are told ${JSON.stringify([one.talk(call), other.talk()])}, not ${JSON.stringify(wanted)}`,
  );
}

describe('a transfer', () => {
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

  /** foouser talks with the other. */
  async function active(number: string, other: string): Promise<string> {
    const callId = await under.dial(number);
    await under.reaches(callId, 'Active');
    await under.userReaches(other, 'Active');
    return callId;
  }

  /** foouser holds baruser and talks with bazuser. */
  async function heldAndConsulted(): Promise<{ held: string; consulted: string }> {
    const held = await active('5601', 'baruser');
    await under.engine.hold(under.call(held));
    return { held, consulted: await active('5602', 'bazuser') };
  }

  describe('without consultation', () => {
    it('connects the remote party with the target, and ends the call when the target answers', async () => {
      const callId = await active('5601', 'baruser');
      await under.blindTransfer(callId, '5602');

      expect(under.call(callId)).toMatchObject({ state: 'Released', releaseCause: 'transferred' });
      await talk(bar, baz);
      expect(under.callOf('baruser')).toMatchObject({
        state: 'Active',
        remoteParty: { address: '5602', callType: 'Group' },
      });
      expect(under.callOf('bazuser')).toMatchObject({
        state: 'Active',
        personality: 'Terminator',
        remoteParty: { address: '+3212345601', callType: 'Group' },
      });
      await foo.waitFor('BYE');
      expect(bar.seen('BYE')).toEqual([]);
    });

    it('takes the remote party off hold', async () => {
      const callId = await active('5601', 'baruser');
      await under.engine.hold(under.call(callId));
      await under.blindTransfer(callId, '5602');
      await talk(bar, baz);
      expect(under.callOf('baruser')?.state).toBe('Active');
    });

    it('leaves a remote party that holds the call holding it', async () => {
      const callId = await active('5601', 'baruser');
      await bar.sendInDialog('INVITE', bar.offer('sendonly'));
      await under.reaches(callId, 'Remote Held');
      bar.onRequest = (incoming) => {
        if (incoming.request.method !== 'INVITE') return false;
        incoming.respond(200, { headers: { contact: [bar.contact] }, body: bar.offer('sendonly') });
        return true;
      };
      await under.blindTransfer(callId, '5602');
      await under.userReaches('bazuser', 'Remote Held');
      expect(under.callOf('baruser')?.state).toBe('Held');
    });

    it.each([
      [486, 'busy'],
      [603, 'declined'],
      [480, 'unreachable'],
    ])('is refused by a target that answers %i, and the two talk on', async (status, cause) => {
      const callId = await active('5601', 'baruser');
      baz.onInvite = (incoming) => incoming.respond(status);
      await expect(under.blindTransfer(callId, '5602')).rejects.toMatchObject({ reason: 'transferFailed' });
      expect(under.call(callId).state).toBe('Active');
      await talk(foo, bar);
      expect(foo.seen('BYE')).toEqual([]);
      expect(under.recorder.facts.at(-1)).toMatchObject({ kind: 'released', cause });
      expect(under.callOf('bazuser')).toBeUndefined();
    });

    it('gives up a target that never answers, which stops ringing', async () => {
      const callId = await active('5601', 'baruser');
      let cancelled = false;
      baz.onInvite = (incoming) => {
        incoming.onCancel = () => {
          cancelled = true;
          incoming.respond(487);
        };
        incoming.respond(180);
      };
      await expect(under.blindTransfer(callId, '5602')).rejects.toMatchObject({ reason: 'transferFailed' });
      await eventually(
        () => cancelled || undefined,
        () => 'the target rings on',
      );
      expect(under.call(callId).state).toBe('Active');
    });

    it('is refused when the remote party will not talk to the target, who is let go', async () => {
      const callId = await active('5601', 'baruser');
      bar.onRequest = (incoming) => {
        if (incoming.request.method === 'INVITE') incoming.respond(488);
        return incoming.request.method === 'INVITE';
      };
      await expect(under.blindTransfer(callId, '5602')).rejects.toMatchObject({ reason: 'transferFailed' });
      await baz.waitFor('BYE');
      expect(under.call(callId).state).toBe('Active');
      await talk(foo, bar);
    });

    it('goes on when the user hangs up the phone while the target rings', async () => {
      const callId = await active('5601', 'baruser');
      baz.onInvite = (incoming) => baz.ring(incoming);
      const transferred = under.blindTransfer(callId, '5602');
      await baz.waitFor('INVITE');
      await foo.sendInDialog('BYE');
      await under.reaches(callId, 'Released');
      expect(under.callOf('baruser')?.state).toBe('Active');
      baz.pickUp();
      await transferred;
      await talk(bar, baz);
    });

    it('ends the session when nobody is left to talk to', async () => {
      const callId = await active('5601', 'baruser');
      baz.onInvite = (incoming) => baz.ring(incoming);
      const transferred = under.blindTransfer(callId, '5602').catch((error: unknown) => error);
      await baz.waitFor('INVITE');
      await foo.sendInDialog('BYE');
      expect(await transferred).toMatchObject({ reason: 'transferFailed' });
      await bar.waitFor('BYE');
      expect(under.recorder.sessions.size).toBe(0);
      expect(under.callOf('baruser')).toBeUndefined();
    });

    it('ends with the remote party, and the target stops ringing', async () => {
      const callId = await active('5601', 'baruser');
      baz.onInvite = (incoming) => baz.ring(incoming);
      const transferred = under.blindTransfer(callId, '5602').catch((error: unknown) => error);
      await baz.waitFor('INVITE');
      await bar.sendInDialog('BYE');
      expect(await transferred).toMatchObject({ reason: 'transferFailed' });
      await under.reaches(callId, 'Released');
      expect(under.recorder.sessions.size).toBe(0);
      expect(under.callOf('bazuser')).toBeUndefined();
    });

    it('is refused while another one of the same call is under way', async () => {
      const callId = await active('5601', 'baruser');
      baz.onInvite = (incoming) => baz.ring(incoming);
      const first = under.blindTransfer(callId, '5602').catch((error: unknown) => error);
      await baz.waitFor('INVITE');
      await expect(under.blindTransfer(callId, '5602')).rejects.toMatchObject({ reason: 'busy' });
      await first;
    });

    it('of a call that still rings deflects it: whoever answers first has it', async () => {
      foo.onInvite = (incoming) => foo.ring(incoming);
      const dialled = bar.dial('5600');
      const ringing = await under.userReaches('foouser', 'Alerting');
      await under.blindTransfer(ringing.callId, '5602');
      expect((await dialled).status).toBe(200);
      expect(under.call(ringing.callId)).toMatchObject({ state: 'Released', releaseCause: 'transferred' });
      await under.userReaches('bazuser', 'Active');
      expect(under.callOf('baruser')).toMatchObject({
        state: 'Active',
        remoteParty: { address: '5602' },
      });
      await talk(bar, baz);
    });

    it('of a call that still rings leaves it ringing when the target declines', async () => {
      foo.onInvite = (incoming) => foo.ring(incoming);
      baz.onInvite = (incoming) => incoming.respond(603);
      const dialled = bar.dial('5600');
      const ringing = await under.userReaches('foouser', 'Alerting');
      await expect(under.blindTransfer(ringing.callId, '5602')).rejects.toMatchObject({
        reason: 'transferFailed',
      });
      foo.pickUp();
      expect((await dialled).status).toBe(200);
      await under.reaches(ringing.callId, 'Active');
      await talk(foo, bar);
    });
  });

  describe('with consultation', () => {
    it.each(['held first', 'consulted first'])('joins the two remote parties (%s)', async (order) => {
      const { held, consulted } = await heldAndConsulted();
      if (order === 'held first') await under.consultativeTransfer(held, consulted);
      else await under.consultativeTransfer(consulted, held);
      for (const callId of [held, consulted]) {
        expect(under.call(callId)).toMatchObject({ state: 'Released', releaseCause: 'transferred' });
      }
      await talk(bar, baz);
      const [ofBar, ofBaz] = [under.callOf('baruser'), under.callOf('bazuser')];
      expect(ofBar).toMatchObject({ state: 'Active', remoteParty: { address: '5602' } });
      expect(ofBaz).toMatchObject({ state: 'Active', remoteParty: { address: '+3212345601' } });
      expect(ofBar?.externalTrackingId).toBe(ofBaz?.externalTrackingId);
      await foo.waitFor('BYE', 2);
      expect(under.recorder.sessions.size).toBe(1);
    });

    it('leaves a call that both can still change and end', async () => {
      const { held, consulted } = await heldAndConsulted();
      await under.consultativeTransfer(held, consulted);
      const ofBaz = await under.userReaches('bazuser', 'Active');
      await under.engine.hold(ofBaz);
      expect(under.callOf('baruser')?.state).toBe('Remote Held');
      expect((await baz.sendInDialog('BYE')).status).toBe(200);
      await bar.waitFor('BYE');
      expect(under.recorder.sessions.size).toBe(0);
    });

    it('waits for a consulted party that still rings', async () => {
      const held = await active('5601', 'baruser');
      await under.engine.hold(under.call(held));
      baz.onInvite = (incoming) => baz.ring(incoming);
      const consulted = await under.dial('5602');
      await baz.waitFor('INVITE');
      const joined = under.consultativeTransfer(held, consulted);
      await expect(under.consultativeTransfer(consulted, held)).rejects.toMatchObject({
        reason: 'consultationInProgress',
      });
      baz.pickUp();
      await joined;
      await talk(bar, baz);
    });

    it('fails with a consulted party that declines, and leaves the held call held', async () => {
      const held = await active('5601', 'baruser');
      const { dialog } = foo;
      await under.engine.hold(under.call(held));
      baz.onInvite = (incoming) => baz.ring(incoming);
      const consulted = await under.dial('5602');
      await baz.waitFor('INVITE');
      const joined = under.consultativeTransfer(held, consulted).catch((error: unknown) => error);
      await under.engine.release(under.call(consulted));
      expect(await joined).toMatchObject({ reason: 'transferFailed' });
      expect(under.call(held).state).toBe('Held');
      await under.engine.reconnect(under.call(held));
      await talk(foo, bar, dialog);
    });

    it('that a party refuses leaves both calls as they were', async () => {
      const { held, consulted } = await heldAndConsulted();
      bar.onRequest = (incoming) => {
        if (incoming.request.method === 'INVITE') incoming.respond(488);
        return incoming.request.method === 'INVITE';
      };
      await expect(under.consultativeTransfer(held, consulted)).rejects.toMatchObject({
        reason: 'transferFailed',
      });
      bar.onRequest = () => false;
      expect(under.call(held).state).toBe('Held');
      expect(under.call(consulted).state).toBe('Active');
      await talk(foo, baz);
      expect([...foo.seen('BYE'), ...bar.seen('BYE'), ...baz.seen('BYE')]).toEqual([]);
    });
  });
});
