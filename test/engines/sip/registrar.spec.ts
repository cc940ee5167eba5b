import { EngineUnderTest } from '../../support/engine.js';
import { SipPhone } from '../../support/sip-phone.js';
import { eventually } from '../../support/wait.js';

describe('the registrar', () => {
  const under = new EngineUnderTest();
  const phones: SipPhone[] = [];

  beforeAll(() => under.start());
  afterEach(async () => {
    for (const phone of phones.splice(0)) {
      await phone.sendRegister('0', '*');
      await phone.stop();
    }
  });
  afterAll(() => under.stop());

  async function register(user: string): Promise<SipPhone> {
    const phone = await SipPhone.register(user, under.engine.address);
    phones.push(phone);
    return phone;
  }

  it('answers with the contacts and their remaining time', async () => {
    const phone = await register('LP_foouser');
    const { status, headers } = await phone.sendRegister('120');
    expect(status).toBe(200);
    expect(headers.contact).toEqual([`${phone.contact};expires=120`]);
  });

  it('refuses an interval that is too brief, an unknown device and too many contacts', async () => {
    const phone = await register('LP_foouser');
    const brief = await phone.sendRegister('30');
    expect([brief.status, brief.headers['min-expires']]).toEqual([423, ['60']]);
    const many = Array.from({ length: 11 }, (_, index) => `<sip:foo@127.0.0.1:${10_000 + index}>`).join(', ');
    expect((await phone.sendRegister('60', many)).status).toBe(400);
    await expect(register('LP_nobody')).rejects.toThrow('404');
  });

  it('rings the preferred contacts alone', async () => {
    const real = await register('LP_foouser');
    const standIn = await register('LP_foouser');
    await standIn.sendRegister('60', `${standIn.contact};q=0.1`);
    const callId = await under.dial('5601');
    await real.waitFor('INVITE');
    expect(standIn.seen('INVITE')).toHaveLength(0);
    await under.engine.release(under.call(callId)).catch(() => undefined);
  });

  it('takes a phone that comes back on another port for the same by its instance', async () => {
    const before = await register('LP_foouser');
    const instance = '+sip.instance="<urn:uuid:00000000-0000-4000-8000-000000000001>"';
    await before.sendRegister('60', `${before.contact};${instance}`);
    const after = await register('LP_foouser');
    const { headers } = await after.sendRegister('60', `${after.contact};${instance}`);
    expect(headers.contact).toEqual([`${after.contact};expires=60`]);
  });

  it('takes phones while the store is away, and stores how they are when it is back', async () => {
    const { registrations } = under;
    const [leaves, stays] = [await register('LP_foouser'), await register('LP_bazuser')];
    registrations.away = true;
    expect((await leaves.sendRegister('0')).status).toBe(200);
    const comes = await register('LP_baruser');
    expect((await stays.sendRegister('90')).status).toBe(200);
    registrations.away = false;
    const inStore = () => [...registrations.bindings.values()].map(({ contact }) => `<${contact}>`);
    await eventually(
      () => (inStore().includes(comes.contact) && !inStore().includes(leaves.contact)) || undefined,
      () => `in the store are ${inStore().join(', ')}`,
    );
    expect(inStore().toSorted()).toEqual([stays.contact, comes.contact].toSorted());
  });

  it('forgets a phone that says so, and the user has none then', async () => {
    const phone = await register('LP_foouser');
    expect((await phone.sendRegister('0')).headers.contact).toBeUndefined();
    const callId = await under.dial('5601');
    expect((await under.reaches(callId, 'Released')).releaseCause).toBe('unreachable');
  });
});
