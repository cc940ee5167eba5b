import type { BaresipPhone } from '../support/baresip.js';
import { demoPhone } from '../support/demo-phone.js';
import { RtpEar } from '../support/rtp-ear.js';
import { ServiceProcess } from '../support/service-process.js';
import { SippTrunk, TRUNK } from '../support/sipp.js';
import { eventually } from '../support/wait.js';

describe('a user with two calls, phones on UDP and TCP', () => {
  const service = new ServiceProcess({
    SANDBOX: 'off',
    RING_TIMEOUT: '10s',
    SIP_TRUNK: `${TRUNK.host}:${TRUNK.port}`,
  });
  const fooUser = () => service.as('foouser');
  const barUser = () => service.as('baruser');
  let ear: RtpEar;
  let foo: BaresipPhone;
  let bar: BaresipPhone;
  let trunk: SippTrunk;

  beforeAll(async () => {
    ear = await RtpEar.listen('20000-20199');
    await service.start();
    foo = await demoPhone('LP_foouser', service.sip, { transport: 'udp' });
    bar = await demoPhone('LP_baruser', service.sip, { transport: 'tcp' });
    await Promise.all([foo.registered(), bar.registered()]);
  });

  afterAll(async () => {
    trunk.stop();
    await Promise.all([foo.stop(), bar.stop(), ear.stop()]);
    await service.stop();
  });

  it('gets the held one back by reconnect, which releases the other', async () => {
    const first = await fooUser().dial('5601');
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
    expect((await fooUser().hold(first)).status).toBe(200);
    await barUser().only('Remote Held');

    trunk = SippTrunk.serves('answers');
    const second = await fooUser().dial('+3212345678');
    await eventually(
      async () => {
        const states = (await fooUser().list()).map(({ callId, state }) => `${callId} ${state}`).toSorted();
        return states.join() === [`${first} Held`, `${second} Active`].toSorted().join() || undefined;
      },
      () => `not one call held and one active\n${foo.log}`,
    );

    expect((await fooUser().reconnect(first)).status).toBe(200);
    await trunk.done();
    expect((await fooUser().only('Active')).callId).toBe(first);
    await barUser().only('Active');
    await Promise.all([ear.hears(foo, 880), ear.hears(bar, 440)]);

    expect((await fooUser().release(first)).status).toBe(200);
    await Promise.all([foo.seen('CALL_CLOSED', 2), bar.seen('CALL_CLOSED')]);
    await Promise.all([fooUser().none(), barUser().none()]);
  });
});
