import { directionOf } from '../../../src/sip/sdp.js';
import { EngineUnderTest } from '../../support/engine.js';
import { SipPhone } from '../../support/sip-phone.js';
import { eventually } from '../../support/wait.js';

describe('an established call', () => {
  let under: EngineUnderTest;
  let foo: SipPhone;
  let bar: SipPhone;
  let callId: string;

  beforeEach(async () => {
    under = new EngineUnderTest();
    await under.start();
    foo = await SipPhone.register('LP_foouser', under.engine.address);
    bar = await SipPhone.register('LP_baruser', under.engine.address);
    callId = await under.dial('5601');
    await under.reaches(callId, 'Active');
    await eventually(
      () => (foo.acks.length === 2 && bar.acks.length === 1) || undefined,
      () => 'the ACKs do not come',
    );
  });
  afterEach(async () => {
    await Promise.all([foo.stop(), bar.stop(), under.stop()]);
  });

  it('is held by silencing both phones, the far end first, and reconnected with a fresh offer', async () => {
    await under.engine.hold(under.call(callId));
    expect(under.call(callId).state).toBe('Held');
    expect(under.callOf('baruser')?.state).toBe('Remote Held');
    expect(directionOf(bar.seen('INVITE')[1]?.body ?? '')).toBe('inactive');
    expect(directionOf(foo.seen('INVITE')[2]?.body ?? '')).toBe('inactive');

    await under.engine.reconnect(under.call(callId));
    expect(under.call(callId).state).toBe('Active');
    expect(foo.seen('INVITE')[3]?.body).toBe('');
    expect(directionOf(bar.seen('INVITE')[2]?.body ?? '')).toBe('sendrecv');
  });

  it('keeps its o= session on each leg and raises its version with every change', async () => {
    await under.engine.hold(under.call(callId));
    await under.engine.reconnect(under.call(callId));
    const origins = [...bar.acks, ...bar.seen('INVITE')]
      .map(({ body }) => /^o=- (\d+) (\d+)/m.exec(body))
      .filter((match) => match !== null);
    expect(new Set(origins.map(([, session]) => session)).size).toBe(1);
    const versions = origins.map(([, , version]) => Number(version));
    expect(new Set(versions).size).toBe(versions.length);
  });

  it('is as before when the far end refuses to be held', async () => {
    bar.onRequest = (incoming) => {
      if (incoming.request.method === 'INVITE') incoming.respond(488);
      return incoming.request.method === 'INVITE';
    };
    await expect(under.engine.hold(under.call(callId))).rejects.toMatchObject({ reason: 'refused' });
    expect(under.call(callId).state).toBe('Active');
    expect(foo.seen('INVITE')).toHaveLength(2);
  });

  it('tries again when the far end has a change of its own under way (491)', async () => {
    let glare = 1;
    bar.onRequest = (incoming) => {
      if (incoming.request.method !== 'INVITE' || glare-- <= 0) return false;
      incoming.respond(491);
      return true;
    };
    await under.engine.hold(under.call(callId));
    expect(under.call(callId).state).toBe('Held');
    const cseqs = bar.seen('INVITE').map(({ cseq }) => cseq.number);
    expect(cseqs).toEqual(cseqs.toSorted((a, b) => a - b));
  }, 15_000);

  it('ends, once, when the far end answers a hold with "no such call"', async () => {
    bar.onRequest = (incoming) => {
      if (incoming.request.method === 'INVITE') incoming.respond(481);
      return incoming.request.method === 'INVITE';
    };
    await expect(under.engine.hold(under.call(callId))).rejects.toMatchObject({ reason: 'callGone' });
    expect(under.call(callId)).toMatchObject({ state: 'Released', releaseCause: 'unreachable' });
    await foo.waitFor('BYE');
  });

  it('ends when the far end hangs up in the middle of a hold', async () => {
    bar.onRequest = (incoming) => {
      if (incoming.request.method !== 'INVITE') return false;
      void bar.sendInDialog('BYE').then(() => incoming.respond(487));
      return true;
    };
    await expect(under.engine.hold(under.call(callId))).rejects.toMatchObject({ reason: 'callGone' });
    expect(
      under.recorder.facts.filter(({ kind, callId: id }) => kind === 'released' && id === callId),
    ).toHaveLength(1);
  });

  it('takes one command at a time', async () => {
    const first = under.engine.hold(under.call(callId));
    await expect(under.engine.hold(under.call(callId))).rejects.toMatchObject({ reason: 'busy' });
    await first;
  });

  it('answers 491 to a phone that changes the session while a command is under way', async () => {
    let status = 0;
    bar.onRequest = (incoming) => {
      if (incoming.request.method !== 'INVITE') return false;
      bar.onRequest = () => false;
      void foo.sendInDialog('INVITE', foo.offer('sendonly')).then((response) => {
        status = response.status;
        incoming.respond(200, { headers: { contact: [bar.contact] }, body: bar.offer('inactive') });
      });
      return true;
    };
    await under.engine.hold(under.call(callId));
    expect(status).toBe(491);
  });

  it('follows a phone that holds and resumes, and tells a refresh from a change', async () => {
    const hold = bar.offer('sendonly');
    expect((await bar.sendInDialog('INVITE', hold)).status).toBe(200);
    await under.userReaches('baruser', 'Held');
    await under.reaches(callId, 'Remote Held');
    const before = foo.seen('INVITE').length;
    expect((await bar.sendInDialog('INVITE', hold)).status).toBe(200);
    expect(foo.seen('INVITE')).toHaveLength(before);
    expect((await bar.sendInDialog('INVITE', bar.offer('sendrecv'))).status).toBe(200);
    await under.reaches(callId, 'Active');
  });

  it('passes INFO on, answers OPTIONS, and refuses what it does not know', async () => {
    expect((await foo.sendInDialog('INFO', 'Signal=5')).status).toBe(200);
    expect((await bar.waitFor('INFO')).body).toBe('Signal=5');
    expect((await foo.sendInDialog('OPTIONS')).status).toBe(200);
    expect((await foo.sendInDialog('PUBLISH')).status).toBe(405);
  });
});
