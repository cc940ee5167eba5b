import type { BaresipPhone } from '../support/baresip.js';
import { MEDIA_KINDS } from '../support/media-node.js';
import { Office } from '../support/office.js';

describe.each(MEDIA_KINDS)('a user with two calls, phones on UDP and TCP, audio through %s', (media) => {
  const office = new Office(media);
  const fooUser = () => office.as('foouser');
  const barUser = () => office.as('baruser');
  let foo: BaresipPhone;
  let bar: BaresipPhone;

  beforeAll(async () => {
    await office.open();
    [foo, bar] = await Promise.all([
      office.phone('LP_foouser', { transport: 'udp' }),
      office.phone('LP_baruser', { transport: 'tcp' }),
    ]);
  });

  afterEach(() => office.clear());
  afterAll(() => office.close());

  it('gets the held one back by reconnect, which releases the other', async () => {
    const first = await fooUser().dial('5601');
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
    expect((await fooUser().hold(first)).status).toBe(200);
    await barUser().only('Remote Held');

    const trunk = office.trunk('answers');
    const second = await fooUser().dial('+3212345678');
    await office.talk(foo, trunk);
    const states = (await fooUser().list()).map(({ callId, state }) => [callId, state]);
    expect(Object.fromEntries(states)).toEqual({ [first]: 'Held', [second]: 'Active' });

    expect((await fooUser().reconnect(first)).status).toBe(200);
    await trunk.done();
    expect((await fooUser().only('Active')).callId).toBe(first);
    await barUser().only('Active');
    await office.talk(foo, bar);

    expect((await fooUser().release(first)).status).toBe(200);
    await Promise.all([foo.idle(), bar.idle()]);
    await Promise.all([fooUser().none(), barUser().none()]);
  });
});
