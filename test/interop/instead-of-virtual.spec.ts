import { demoPhone } from '../support/demo-phone.js';
import { ServiceProcess } from '../support/service-process.js';

describe('a real phone in the sandbox', () => {
  const service = new ServiceProcess({ SANDBOX: 'on' });

  beforeAll(() => service.start());
  afterAll(() => service.stop());

  it('rings alone, though another device of its user is virtual', async () => {
    const foo = service.as('foouser');
    const phone = await demoPhone('LP_foouser', service.sip, { answer: 'manual' });
    await phone.registered();
    await foo.dial('5602');
    await phone.seen('CALL_INCOMING');
    await phone.answer();
    expect((await foo.only('Active')).endpoint.addressOfRecord).toBe('LP_foouser@sip.example.test');
    await foo.release((await foo.only('Active')).callId);
    await phone.stop();
  });

  it('takes the place of the virtual one, and gives it back when it leaves', async () => {
    const foo = service.as('foouser');
    const bar = service.as('baruser');
    const phone = await demoPhone('LP_baruser', service.sip, { answer: 'manual' });
    await phone.registered();

    const first = await foo.dial('5601');
    await phone.seen('CALL_INCOMING');
    expect((await bar.only('Alerting')).endpoint.addressOfRecord).toBe('LP_baruser@sip.example.test');
    await phone.answer();
    await foo.only('Active');
    await foo.release(first);
    await phone.seen('CALL_CLOSED');

    await phone.stop();
    await foo.dial('5601');
    await bar.only('Active');
  });
});
