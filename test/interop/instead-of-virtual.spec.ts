import type { BaresipPhone } from '../support/baresip.js';
import { type DemoDevice, demoPhone } from '../support/demo-phone.js';
import { accountParts, documentedAccount } from '../support/own-softphone.js';
import { ServiceProcess } from '../support/service-process.js';

describe('a real phone in the sandbox', () => {
  const service = new ServiceProcess({ SANDBOX: 'on' });

  const phones: BaresipPhone[] = [];
  const phoneOf = async (device: DemoDevice, options: { account?: string } = {}) => {
    const phone = await demoPhone(device, service.sip, { answer: 'manual', ...options });
    phones.push(phone);
    return phone;
  };

  beforeAll(() => service.start());
  afterEach(async () => {
    for (const phone of phones.splice(0)) await phone.stop();
  });
  afterAll(() => service.stop());

  it('rings alone, though another device of its user is virtual', async () => {
    const foo = service.as('foouser');
    const phone = await phoneOf('LP_foouser');
    await phone.registered();
    await foo.dial('5602');
    await phone.seen('CALL_INCOMING');
    await phone.answer();
    expect((await foo.only('Active')).endpoint.addressOfRecord).toBe('LP_foouser@sip.example.test');
    await foo.release((await foo.only('Active')).callId);
  });

  it('registers with the account that README.md gives, and rings for the first call there', async () => {
    const foo = service.as('foouser');
    const { user, proxy } = accountParts(documentedAccount());
    expect(user).toBe('LP_foouser');
    const account = documentedAccount().replace(proxy, `sip:${service.sip.host}:${service.sip.port}`);
    const phone = await phoneOf('LP_foouser', { account });
    await phone.registered();
    await foo.dial('+3212345678');
    await phone.seen('CALL_INCOMING');
    await phone.answer();
    expect((await foo.only('Active')).endpoint.addressOfRecord).toBe('LP_foouser@sip.example.test');
    await foo.release((await foo.only('Active')).callId);
  });

  it('takes the place of the virtual one, and gives it back when it leaves', async () => {
    const foo = service.as('foouser');
    const bar = service.as('baruser');
    const phone = await phoneOf('LP_baruser');
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
