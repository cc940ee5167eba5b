import type { BaresipPhone } from '../support/baresip.js';
import { demoPhone } from '../support/demo-phone.js';
import { ServiceProcess } from '../support/service-process.js';
import { SippTrunk, TRUNK } from '../support/sipp.js';

describe('a baresip phone and sipp as the trunk', () => {
  const service = new ServiceProcess({
    SANDBOX: 'off',
    RING_TIMEOUT: '2s',
    SIP_TRUNK: `${TRUNK.host}:${TRUNK.port}`,
  });
  const foo = () => service.as('foouser');
  let phone: BaresipPhone;
  let trunk: SippTrunk;

  beforeAll(async () => {
    await service.start();
    phone = await demoPhone('LP_foouser', service.sip);
    await phone.registered();
  });

  afterEach(() => trunk.stop());

  afterAll(async () => {
    await phone.stop();
    await service.stop();
  });

  it('are connected, held, reconnected and released', async () => {
    trunk = SippTrunk.serves('answers');
    const callId = await foo().dial('+3212345678');
    expect(await foo().only('Active')).toMatchObject({
      personality: 'Originator',
      remoteParty: { address: '+3212345678', callType: 'Unknown' },
    });
    expect((await foo().hold(callId)).status).toBe(200);
    await foo().only('Held');
    expect((await foo().reconnect(callId)).status).toBe(200);
    await foo().only('Active');
    expect((await foo().release(callId)).status).toBe(200);
    await trunk.done();
    await foo().none();
  });

  it.each(['isBusy', 'declines', 'knowsNoSuchNumber', 'ringsForEver'] as const)(
    'the call ends on the phone when the trunk %s',
    async (scenario) => {
      trunk = SippTrunk.serves(scenario);
      const closed = phone.count('CALL_CLOSED');
      await foo().dial('+3212345678');
      await phone.seen('CALL_CLOSED', closed + 1);
      await trunk.done();
      await foo().none();
    },
  );

  it('the call ends on the phone when the far end hangs up', async () => {
    trunk = SippTrunk.serves('hangsUp');
    const closed = phone.count('CALL_CLOSED');
    await foo().dial('+3212345678');
    await foo().only('Active');
    await trunk.done();
    await phone.seen('CALL_CLOSED', closed + 1);
    await foo().none();
  });

  it('a call from the trunk rings the user whose number it is', async () => {
    trunk = SippTrunk.calls('+3212345600', '+3225551234', service.sip);
    expect(await foo().only('Active')).toMatchObject({
      personality: 'Terminator',
      remoteParty: { address: '+3225551234', callType: 'Unknown' },
      endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
    });
    await trunk.done();
    await foo().none();
  });
});
