import type { BaresipPhone } from '../support/baresip.js';
import { demoPhone } from '../support/demo-phone.js';
import { ServiceProcess } from '../support/service-process.js';

describe('ringing baresip phones', () => {
  const service = new ServiceProcess({ SANDBOX: 'off', RING_TIMEOUT: '15s' });
  const foo = () => service.as('foouser');
  const bar = () => service.as('baruser');
  const phones: BaresipPhone[] = [];

  async function phone(...given: Parameters<typeof demoPhone>): Promise<BaresipPhone> {
    const started = await demoPhone(...given);
    phones.push(started);
    return started;
  }

  beforeEach(() => service.start());

  afterEach(async () => {
    await Promise.all(phones.splice(0).map((each) => each.stop()));
    await service.kill();
  });

  afterAll(() => service.stop());

  it('are told apart: the own device, then the called party, each with its state', async () => {
    const mine = await phone('LP_foouser', service.sip, { answer: 'manual' });
    const theirs = await phone('LP_baruser', service.sip, { answer: 'manual' });
    await Promise.all([mine.registered(), theirs.registered()]);

    await foo().dial('5601');
    await mine.seen('CALL_INCOMING');
    expect((await foo().only('Alerting')).personality).toBe('Click-to-Dial');
    await bar().none();

    await mine.answer();
    await theirs.seen('CALL_INCOMING');
    expect((await foo().only('Answered')).personality).toBe('Originator');
    expect((await bar().only('Alerting')).personality).toBe('Terminator');

    await theirs.answer();
    await Promise.all([foo().only('Active'), bar().only('Active')]);
  });

  it('stop when the call is released by the API', async () => {
    const mine = await phone('LP_foouser', service.sip, { answer: 'manual' });
    await mine.registered();
    const callId = await foo().dial('5601');
    await mine.seen('CALL_INCOMING');
    expect((await foo().release(callId)).status).toBe(200);
    await mine.seen('CALL_CLOSED');
    await foo().none();
  });

  it('stop when the service is killed, as soon as it is back', async () => {
    const mine = await phone('LP_foouser', service.sip, { answer: 'manual' });
    await mine.registered();
    await foo().dial('5601');
    await mine.seen('CALL_INCOMING');
    const { port } = service.sip;
    await service.kill();
    await service.start({ SIP_PORT: String(port) });
    await mine.seen('CALL_CLOSED');
    await foo().none();
  });

  it('of one user ring together, and the others stop when one answers', async () => {
    const desk = await phone('LP_foouser', service.sip, { answer: 'manual' });
    const mobile = await phone('MB_foouser', service.sip, { answer: 'manual' });
    const theirs = await phone('LP_baruser', service.sip);
    await Promise.all([desk.registered(), mobile.registered(), theirs.registered()]);
    await foo().dial('5601');
    await Promise.all([desk.seen('CALL_INCOMING'), mobile.seen('CALL_INCOMING')]);
    await mobile.answer();
    await desk.seen('CALL_CLOSED');
    expect((await foo().only('Active')).endpoint.addressOfRecord).toBe('MB_foouser@sip.example.test');
  });

  it.each(['udp', 'tcp'] as const)(
    'that have a wrong password over %s are not registered, and the user cannot dial',
    async (transport) => {
      const wrong = await phone('LP_foouser', service.sip, { transport, password: 'guessed' });
      await wrong.refused();
      const answer = await foo().send('POST', '', { phoneNumber: '5601' });
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 59, detail: 'The endpoint state of the call is not valid.' },
      });
      await foo().none();
    },
  );
});
