import type { BaresipPhone } from '../support/baresip.js';
import { demoPhone } from '../support/demo-phone.js';
import { RtpEar } from '../support/rtp-ear.js';
import { ServiceProcess } from '../support/service-process.js';

const FOO_HZ = 440;
const BAR_HZ = 880;

describe.each(['udp', 'tcp'] as const)('two baresip phones over %s', (transport) => {
  const service = new ServiceProcess({ SANDBOX: 'off', RING_TIMEOUT: '10s' });
  let ear: RtpEar;
  let foo: BaresipPhone;
  let bar: BaresipPhone;
  const fooUser = () => service.as('foouser');
  const barUser = () => service.as('baruser');

  beforeAll(async () => {
    ear = await RtpEar.listen('20000-20199');
  });

  beforeEach(async () => {
    await service.start();
    foo = await demoPhone('LP_foouser', service.sip, { transport });
    bar = await demoPhone('LP_baruser', service.sip, { transport });
    await Promise.all([foo.registered(), bar.registered()]);
  });

  afterEach(async () => {
    await Promise.all([foo?.stop(), bar?.stop()]);
    await service.kill();
  });

  afterAll(async () => {
    await ear.stop();
    await service.stop();
  });

  const bothHear = () => Promise.all([ear.hears(foo, BAR_HZ), ear.hears(bar, FOO_HZ)]);
  const bothHearNothing = () => Promise.all([ear.hearsNothing(foo), ear.hearsNothing(bar)]);

  it('talk after a click-to-dial, and are held, reconnected and released by the API', async () => {
    const callId = await fooUser().dial('5601');
    await Promise.all([foo.seen('CALL_ESTABLISHED'), bar.seen('CALL_ESTABLISHED')]);
    const [mine, theirs] = [await fooUser().only('Active'), await barUser().only('Active')];
    expect(mine).toMatchObject({
      callId,
      personality: 'Originator',
      remoteParty: { address: '+3212345601', callType: 'Group' },
      endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
    });
    expect(theirs).toMatchObject({
      personality: 'Terminator',
      externalTrackingId: mine.externalTrackingId,
      remoteParty: { address: '+3212345600', callType: 'Group' },
    });
    expect(theirs.callId).not.toBe(callId);
    await bothHear();

    expect((await fooUser().hold(callId)).status).toBe(200);
    await Promise.all([fooUser().only('Held'), barUser().only('Remote Held')]);
    await bothHearNothing();

    expect((await fooUser().reconnect(callId)).status).toBe(200);
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
    await bothHear();

    expect((await fooUser().release(callId)).status).toBe(200);
    await Promise.all([foo.seen('CALL_CLOSED'), bar.seen('CALL_CLOSED')]);
    await Promise.all([fooUser().none(), barUser().none()]);
  });

  it('hold, resume and hang up on the phone, which the API shows on both sides', async () => {
    await foo.dial('sip:5601@sip.example.test');
    await Promise.all([foo.seen('CALL_ESTABLISHED'), bar.seen('CALL_ESTABLISHED')]);
    expect((await fooUser().only('Active')).personality).toBe('Originator');
    expect((await barUser().only('Active')).personality).toBe('Terminator');
    await bothHear();
    expect(foo.shareInRecording(BAR_HZ)).toBeGreaterThan(0.5);
    expect(bar.shareInRecording(FOO_HZ)).toBeGreaterThan(0.5);

    await bar.hold();
    await Promise.all([barUser().only('Held'), fooUser().only('Remote Held')]);
    await ear.hearsNothing(foo);

    await bar.resume();
    await Promise.all([barUser().only('Active'), fooUser().only('Active')]);
    await bothHear();

    await bar.hangup();
    await foo.seen('CALL_CLOSED');
    await Promise.all([fooUser().none(), barUser().none()]);
  });

  it('go on talking when the service is killed, and are released after its restart', async () => {
    const callId = await fooUser().dial('5601');
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
    await bothHear();

    const { port } = service.sip;
    await service.kill();
    await bothHear();
    await service.start({ SIP_PORT: String(port) });
    expect((await fooUser().only('Active')).callId).toBe(callId);
    expect((await fooUser().hold(callId)).status).toBe(200);
    await bothHearNothing();
    expect((await fooUser().reconnect(callId)).status).toBe(200);
    await bothHear();

    expect((await fooUser().release(callId)).status).toBe(200);
    await Promise.all([foo.seen('CALL_CLOSED'), bar.seen('CALL_CLOSED')]);
    await Promise.all([fooUser().none(), barUser().none()]);
  });
});
