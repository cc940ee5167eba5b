import { setTimeout as delay } from 'node:timers/promises';
import type { BaresipPhone } from '../support/baresip.js';
import { MEDIA_KINDS } from '../support/media-node.js';
import { Office } from '../support/office.js';
import type { Answer } from '../support/rest-client.js';

const OUTSIDE = '+3212345678';
const TRANSFER_FAILED = { status: 400, body: { code: 59, detail: 'Transfer has failed.' } };

describe.each(MEDIA_KINDS)('a consultative transfer, audio through %s', (media) => {
  const office = new Office(media, { RING_TIMEOUT: '3s' });
  const fooUser = () => office.as('foouser');
  const barUser = () => office.as('baruser');
  const bazUser = () => office.as('bazuser');
  let foo: BaresipPhone;
  let bar: BaresipPhone;
  let baz: BaresipPhone;
  let held: string;

  beforeAll(async () => {
    await office.open();
    [foo, bar, baz] = await Promise.all([
      office.phone('LP_foouser'),
      office.phone('LP_baruser'),
      office.phone('LP_bazuser'),
    ]);
  });

  beforeEach(async () => {
    held = await fooUser().dial('5601');
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
    await fooUser().hold(held);
    await barUser().only('Remote Held');
  });

  afterEach(() => office.clear());
  afterAll(() => office.close());

  it.each(['held', 'active'] as const)(
    'asked for on the %s call joins the other two, and the phone is free',
    async (which) => {
      const consulted = await fooUser().dial('5602');
      await bazUser().only('Active');
      await office.silent(bar);
      await office.talk(foo, baz);
      const [call, other] = which === 'held' ? [held, consulted] : [consulted, held];
      expect((await fooUser().consultativeTransfer(call, other)).status).toBe(200);
      await office.talk(bar, baz);
      await office.silent(foo);
      await Promise.all([foo.idle(), fooUser().none()]);
      expect((await barUser().only('Active')).remoteParty.address).toBe('5602');
      expect((await bazUser().only('Active')).remoteParty.address).toBe('+3212345601');
    },
  );

  it.each(['held', 'active'] as const)(
    'to a party of the outside world joins it when asked for on the %s call',
    async (which) => {
      const trunk = office.trunk('answers');
      const consulted = await fooUser().dial(OUTSIDE);
      await office.talk(foo, trunk);
      await office.silent(bar);
      const [call, other] = which === 'held' ? [held, consulted] : [consulted, held];
      expect((await fooUser().consultativeTransfer(call, other)).status).toBe(200);
      await office.talk(bar, trunk);
      await office.silent(foo);
      await Promise.all([foo.idle(), fooUser().none()]);
      expect((await barUser().only('Active')).remoteParty.address).toBe(OUTSIDE);
    },
  );

  describe('to somebody whose phone still rings', () => {
    let consulted: string;

    /** It waits for the answer by now. */
    async function transfer(): Promise<{ answer: Promise<Answer> }> {
      const answer = fooUser().consultativeTransfer(held, consulted);
      await delay(200);
      return { answer };
    }

    beforeEach(async () => {
      await baz.answerMode('manual');
      consulted = await fooUser().dial('5602');
      await baz.rings();
    });

    it('joins them when the phone is answered', async () => {
      const { answer } = await transfer();
      await baz.answer();
      expect((await answer).status).toBe(200);
      await office.talk(bar, baz);
      await office.silent(foo);
      await Promise.all([foo.idle(), fooUser().none()]);
    });

    it.each(['declines', 'does not answer'] as const)('fails when the person %s', async (what) => {
      const { answer } = await transfer();
      if (what === 'declines') await baz.hangup();
      expect(await answer).toMatchObject(TRANSFER_FAILED);
      await baz.idle();
      expect((await fooUser().only('Held')).callId).toBe(held);
      await office.silent(foo, bar);
      expect((await fooUser().reconnect(held)).status).toBe(200);
      await office.talk(foo, bar);
    });

    it('fails when the held party hangs up, and the consulted one can still answer', async () => {
      const { answer } = await transfer();
      await bar.hangup();
      expect((await answer).status).not.toBe(200);
      await bar.idle();
      await baz.answer();
      await office.talk(foo, baz);
      expect((await fooUser().only('Active')).callId).toBe(consulted);
    });

    it('is over when the user hangs up the consultation, and nothing rings on', async () => {
      const { answer } = await transfer();
      expect((await fooUser().release(consulted)).status).toBe(200);
      expect((await answer).status).not.toBe(200);
      await baz.idle();
      expect((await fooUser().only('Held')).callId).toBe(held);
    });
  });
});
