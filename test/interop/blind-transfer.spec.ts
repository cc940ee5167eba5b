import type { BaresipPhone } from '../support/baresip.js';
import { MEDIA_KINDS } from '../support/media-node.js';
import { Office } from '../support/office.js';

const OUTSIDE = '+3212345678';
const TRANSFER_FAILED = { status: 400, body: { code: 59, detail: 'Transfer has failed.' } };

describe.each(MEDIA_KINDS)('a blind transfer, audio through %s', (media) => {
  const office = new Office(media, { TRANSFER_TIMEOUT: '2s' });
  const fooUser = () => office.as('foouser');
  const barUser = () => office.as('baruser');
  const bazUser = () => office.as('bazuser');
  let foo: BaresipPhone;
  let bar: BaresipPhone;
  let baz: BaresipPhone;
  let callId: string;

  beforeAll(async () => {
    await office.open();
    [foo, bar, baz] = await Promise.all([
      office.phone('LP_foouser'),
      office.phone('LP_baruser'),
      office.phone('LP_bazuser'),
    ]);
  });

  afterEach(() => office.clear());
  afterAll(() => office.close());

  describe('of an established call', () => {
    beforeEach(async () => {
      callId = await fooUser().dial('5601');
      await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
      await office.talk(foo, bar);
    });

    it('to a user connects the other two, and the phone that transferred is free', async () => {
      expect((await fooUser().blindTransfer(callId, '5602')).status).toBe(200);
      await office.talk(bar, baz);
      await office.silent(foo);
      await Promise.all([foo.idle(), fooUser().none()]);
      expect((await barUser().only('Active')).remoteParty).toEqual({ address: '5602', callType: 'Group' });
      expect((await bazUser().only('Active')).remoteParty).toEqual({
        address: '+3212345601',
        callType: 'Group',
      });
    });

    it('of the called user connects the caller', async () => {
      const theirs = await barUser().only('Active');
      expect((await barUser().blindTransfer(theirs.callId, '5602')).status).toBe(200);
      await office.talk(foo, baz);
      await office.silent(bar);
      await Promise.all([bar.idle(), barUser().none()]);
    });

    it('while it is held connects the other two as well', async () => {
      expect((await fooUser().hold(callId)).status).toBe(200);
      await office.silent(foo, bar);
      expect((await fooUser().blindTransfer(callId, '5602')).status).toBe(200);
      await office.talk(bar, baz);
      await office.silent(foo);
      await Promise.all([foo.idle(), barUser().only('Active'), bazUser().only('Active')]);
    });

    it('to the trunk connects the outside world', async () => {
      const trunk = office.trunk('answers');
      expect((await fooUser().blindTransfer(callId, OUTSIDE)).status).toBe(200);
      await office.talk(bar, trunk);
      await office.silent(foo);
      await Promise.all([foo.idle(), fooUser().none()]);
      expect((await barUser().only('Active')).remoteParty.address).toBe(OUTSIDE);
    });

    it.each(['isBusy', 'declines', 'ringsForEver'] as const)(
      'to an outside party that %s fails, and the two talk as before',
      async (scenario) => {
        office.trunk(scenario);
        expect(await fooUser().blindTransfer(callId, OUTSIDE)).toMatchObject(TRANSFER_FAILED);
        await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
        await office.talk(foo, bar);
      },
    );

    it('to a user who does not answer fails, and the two talk as before', async () => {
      await baz.answerMode('manual');
      expect(await fooUser().blindTransfer(callId, '5602')).toMatchObject(TRANSFER_FAILED);
      await baz.idle();
      await Promise.all([fooUser().only('Active'), barUser().only('Active'), bazUser().none()]);
      await office.talk(foo, bar);
    });

    it('that fails while it is held leaves it held', async () => {
      expect((await fooUser().hold(callId)).status).toBe(200);
      office.trunk('isBusy');
      expect(await fooUser().blindTransfer(callId, OUTSIDE)).toMatchObject(TRANSFER_FAILED);
      await Promise.all([fooUser().only('Held'), barUser().only('Remote Held')]);
      await office.silent(foo, bar);
      expect((await fooUser().reconnect(callId)).status).toBe(200);
      await office.talk(foo, bar);
    });

    it('is over when the other party hangs up while the target rings', async () => {
      await baz.answerMode('manual');
      const transfer = fooUser().blindTransfer(callId, '5602');
      await baz.rings();
      await bar.hangup();
      expect((await transfer).status).not.toBe(200);
      await Promise.all([foo.idle(), bar.idle(), baz.idle()]);
      await Promise.all([fooUser().none(), barUser().none(), bazUser().none()]);
    });

    it('goes on when the user hangs up while the target rings', async () => {
      await baz.answerMode('manual');
      const transfer = fooUser().blindTransfer(callId, '5602');
      await baz.rings();
      await foo.hangup();
      await foo.idle();
      await baz.answer();
      await office.talk(bar, baz);
      await transfer;
    });
  });

  describe('of a call that still rings', () => {
    beforeEach(async () => {
      await bar.answerMode('manual');
      await fooUser().dial('5601');
      callId = (await barUser().only('Alerting')).callId;
    });

    it('connects the caller with whom the call is deflected to', async () => {
      expect((await barUser().blindTransfer(callId, '5602')).status).toBe(200);
      await office.talk(foo, baz);
      await Promise.all([bar.idle(), barUser().none()]);
      expect((await fooUser().only('Active')).remoteParty.address).toBe('5602');
    });

    it('connects the caller with the outside world', async () => {
      const trunk = office.trunk('answers');
      expect((await barUser().blindTransfer(callId, OUTSIDE)).status).toBe(200);
      await office.talk(foo, trunk);
      await Promise.all([bar.idle(), barUser().none()]);
    });

    it('that is refused leaves the phone ringing, which can still be answered', async () => {
      office.trunk('isBusy');
      expect(await barUser().blindTransfer(callId, OUTSIDE)).toMatchObject(TRANSFER_FAILED);
      expect((await barUser().only('Alerting')).callId).toBe(callId);
      await bar.answer();
      await office.talk(foo, bar);
    });

    it('stops ringing everywhere when the caller hangs up', async () => {
      await baz.answerMode('manual');
      const transfer = barUser().blindTransfer(callId, '5602');
      await baz.rings();
      await foo.hangup();
      expect((await transfer).status).not.toBe(200);
      await Promise.all([foo.idle(), bar.idle(), baz.idle()]);
    });
  });
});
