import type { BaresipPhone } from '../support/baresip.js';
import { demoPhone } from '../support/demo-phone.js';
import { RtpEar } from '../support/rtp-ear.js';
import { ServiceProcess } from '../support/service-process.js';

const FOO_HZ = 440;
const BAR_HZ = 880;

/** What the phones and the API find after `kill -9` and a start with the same data. */
describe('a call of two phones after a crash of the service', () => {
  const service = new ServiceProcess({ SANDBOX: 'off', RING_TIMEOUT: '10s' });
  const fooUser = () => service.as('foouser');
  const barUser = () => service.as('baruser');
  let ear: RtpEar;
  let foo: BaresipPhone;
  let bar: BaresipPhone;
  let callId: string;

  beforeAll(async () => {
    ear = await RtpEar.listen('20000-20199');
  });

  beforeEach(async () => {
    await service.start();
    foo = await demoPhone('LP_foouser', service.sip);
    bar = await demoPhone('LP_baruser', service.sip);
    await Promise.all([foo.registered(), bar.registered()]);
    callId = await fooUser().dial('5601');
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
  });

  afterEach(async () => {
    await Promise.all([foo.stop(), bar.stop()]);
    await service.kill();
  });

  afterAll(async () => {
    await ear.stop();
    await service.stop();
  });

  async function crashAndRestart(): Promise<void> {
    const { port } = service.sip;
    await service.kill();
    await service.start({ SIP_PORT: String(port) });
  }

  it('is held and resumed on the phone', async () => {
    await crashAndRestart();
    await foo.hold();
    await Promise.all([fooUser().only('Held'), barUser().only('Remote Held')]);
    await ear.hearsNothing(bar);
    await foo.resume();
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
    await Promise.all([ear.hears(foo, BAR_HZ), ear.hears(bar, FOO_HZ)]);
  });

  it('that was held before is still held, and is reconnected by the API', async () => {
    expect((await fooUser().hold(callId)).status).toBe(200);
    await crashAndRestart();
    expect((await fooUser().only('Held')).callId).toBe(callId);
    await barUser().only('Remote Held');
    await Promise.all([ear.hearsNothing(foo), ear.hearsNothing(bar)]);
    expect((await fooUser().reconnect(callId)).status).toBe(200);
    await Promise.all([ear.hears(foo, BAR_HZ), ear.hears(bar, FOO_HZ)]);
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
  });

  it('ends on the other phone when one hangs up', async () => {
    await crashAndRestart();
    await foo.hangup();
    await bar.seen('CALL_CLOSED');
    await Promise.all([fooUser().none(), barUser().none()]);
  });

  it('ends on both phones when the called user releases it', async () => {
    await crashAndRestart();
    const theirs = await barUser().only('Active');
    expect(theirs.callId).not.toBe(callId);
    expect((await barUser().release(theirs.callId)).status).toBe(200);
    await Promise.all([foo.seen('CALL_CLOSED'), bar.seen('CALL_CLOSED')]);
    await Promise.all([fooUser().none(), barUser().none()]);
  });

  it('ends on the phone that is left when the other has lost its power', async () => {
    await crashAndRestart();
    await bar.kill();
    expect((await fooUser().release(callId)).status).toBe(200);
    await foo.seen('CALL_CLOSED');
    await Promise.all([fooUser().none(), barUser().none()]);
  });
});
