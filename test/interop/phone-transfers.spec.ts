import type { BaresipPhone } from '../support/baresip.js';
import { MEDIA_KINDS } from '../support/media-node.js';
import { Office } from '../support/office.js';

const to = (number: string) => `sip:${number}@sip.example.test`;
const OUTSIDE = '+3212345678';

/** baresip 1.0 sends REFER, but none with Replaces: it has no attended transfer. */
describe.each(MEDIA_KINDS)('a transfer on the phone itself, audio through %s', (media) => {
  const office = new Office(media, { TRANSFER_TIMEOUT: '2s' });
  const fooUser = () => office.as('foouser');
  const barUser = () => office.as('baruser');
  const bazUser = () => office.as('bazuser');
  let foo: BaresipPhone;
  let bar: BaresipPhone;
  let baz: BaresipPhone;

  beforeAll(async () => {
    await office.open();
    [foo, bar, baz] = await Promise.all([
      office.phone('LP_foouser'),
      office.phone('LP_baruser'),
      office.phone('LP_bazuser'),
    ]);
  });

  beforeEach(async () => {
    await foo.dial(to('5601'));
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
    await office.talk(foo, bar);
  });

  afterEach(() => office.clear());
  afterAll(() => office.close());

  it('connects the other two, and the phone is free', async () => {
    await foo.transfer(to('5602'));
    await office.talk(bar, baz);
    await office.silent(foo);
    await Promise.all([foo.idle(), fooUser().none()]);
    await Promise.all([barUser().only('Active'), bazUser().only('Active')]);
  });

  it('by the called person connects the caller', async () => {
    await bar.transfer(to('5602'));
    await office.talk(foo, baz);
    await office.silent(bar);
    await Promise.all([bar.idle(), barUser().none()]);
  });

  it('connects the outside world', async () => {
    const trunk = office.trunk('answers');
    await foo.transfer(to(OUTSIDE));
    await office.talk(bar, trunk);
    await foo.idle();
    expect((await barUser().only('Active')).remoteParty.address).toBe(OUTSIDE);
  });

  it.each([
    ['isBusy', '486'],
    ['declines', '603'],
    ['ringsForEver', '480'],
  ] as const)('to an outside party that %s is told why it failed: %s', async (scenario, status) => {
    const failed = foo.count('TRANSFER_FAILED');
    office.trunk(scenario);
    await foo.transfer(to(OUTSIDE));
    await foo.seen('TRANSFER_FAILED', failed + 1);
    expect(foo.events.findLast(({ type }) => type === 'TRANSFER_FAILED')?.param).toContain(status);
    // The service has left the call as it was. baresip 1.0 hangs up of its own accord.
    await Promise.all([foo.idle(), bar.idle(), barUser().none()]);
  });

  it('is over when the other party hangs up while the target rings', async () => {
    await baz.answerMode('manual');
    await foo.transfer(to('5602'));
    await baz.rings();
    await bar.hangup();
    await Promise.all([foo.idle(), bar.idle(), baz.idle()]);
    await Promise.all([fooUser().none(), barUser().none(), bazUser().none()]);
  });
});
