import type { BaresipPhone } from '../support/baresip.js';
import { demoPhone } from '../support/demo-phone.js';
import { ServiceProcess } from '../support/service-process.js';
import { SippTrunk, TRUNK } from '../support/sipp.js';

const OUTSIDE = 'sip:+3212345678@sip.example.test';

/** Without the API: what a person does on the phone, and what comes in from outside. */
describe('a phone that calls through the trunk, and is called from it', () => {
  const service = new ServiceProcess({
    SANDBOX: 'off',
    RING_TIMEOUT: '2s',
    SIP_TRUNK: `${TRUNK.host}:${TRUNK.port}`,
  });
  const foo = () => service.as('foouser');
  const phones: BaresipPhone[] = [];
  let trunk: SippTrunk | undefined;

  async function phone(
    ...[device, options]: [Parameters<typeof demoPhone>[0], Parameters<typeof demoPhone>[2]?]
  ) {
    const started = await demoPhone(device, service.sip, options);
    phones.push(started);
    await started.registered();
    return started;
  }

  beforeEach(() => service.start());

  afterEach(async () => {
    trunk?.stop();
    await Promise.all(phones.splice(0).map((each) => each.stop()));
    await service.kill();
  });

  afterAll(() => service.stop());

  it('is listed as the originator of the call that it dialled itself', async () => {
    trunk = SippTrunk.serves('answers');
    const mine = await phone('LP_foouser');
    await mine.dial(OUTSIDE);
    await mine.seen('CALL_ESTABLISHED');
    expect(await foo().only('Active')).toMatchObject({
      personality: 'Originator',
      remoteParty: { address: '+3212345678', callType: 'Unknown' },
      endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
    });
    await mine.hangup();
    await trunk.done();
    await foo().none();
  });

  it.each([
    ['isBusy', '486'],
    ['declines', '603'],
    ['knowsNoSuchNumber', '404'],
  ] as const)('is told why when the trunk %s: %s', async (scenario, status) => {
    trunk = SippTrunk.serves(scenario);
    const mine = await phone('LP_foouser');
    await mine.dial(OUTSIDE);
    await mine.seen('CALL_CLOSED');
    expect(mine.reasonClosed()).toContain(status);
    await trunk.done();
    await foo().none();
  });

  it('stops the ringing at the far end by hanging up', async () => {
    trunk = SippTrunk.serves('ringsForEver');
    const mine = await phone('LP_foouser');
    await mine.dial(OUTSIDE);
    await mine.seen('CALL_RINGING');
    expect((await foo().only('Alerting')).personality).toBe('Originator');
    await mine.hangup();
    await trunk.done();
    await foo().none();
  });

  it('rings with all devices of the user, which stop when the caller gives up', async () => {
    const desk = await phone('LP_foouser', { answer: 'manual' });
    const mobile = await phone('MB_foouser', { answer: 'manual' });
    trunk = SippTrunk.givesUp('+3212345600', '+3225551234', service.sip);
    await Promise.all([desk.seen('CALL_INCOMING'), mobile.seen('CALL_INCOMING')]);
    await trunk.done();
    await Promise.all([desk.seen('CALL_CLOSED'), mobile.seen('CALL_CLOSED')]);
    await foo().none();
  });

  it('stops ringing after RING_TIMEOUT when nobody picks it up for a click-to-dial', async () => {
    const mine = await phone('LP_foouser', { answer: 'manual' });
    await foo().dial('+3212345678');
    await mine.seen('CALL_INCOMING');
    await foo().only('Alerting');
    await mine.seen('CALL_CLOSED');
    await foo().none();
  });
});
