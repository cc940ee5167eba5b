import type { BaresipPhone } from '../support/baresip.js';
import { MEDIA_KINDS } from '../support/media-node.js';
import { Office } from '../support/office.js';
import { eventually } from '../support/wait.js';

describe.each(MEDIA_KINDS)('a second call on a phone, audio through %s', (media) => {
  const office = new Office(media);
  const fooUser = () => office.as('foouser');
  const barUser = () => office.as('baruser');
  const bazUser = () => office.as('bazuser');
  let foo: BaresipPhone;
  let bar: BaresipPhone;
  let baz: BaresipPhone;
  let first: string;

  beforeAll(async () => {
    await office.open();
    [foo, bar, baz] = await Promise.all([
      office.phone('LP_foouser'),
      office.phone('LP_baruser'),
      office.phone('LP_bazuser'),
    ]);
  });

  beforeEach(async () => {
    first = await fooUser().dial('5601');
    await fooUser().only('Active');
    await foo.answerMode('manual');
    await baz.dial('sip:5600@sip.example.test');
    await foo.rings();
    await office.talk(foo, bar);
  });

  afterEach(() => office.clear());
  afterAll(() => office.close());

  async function fooHas(...expected: string[]): Promise<void> {
    let states: string[] = [];
    await eventually(
      async () => {
        states = (await fooUser().list()).map(({ state }) => state).toSorted();
        return states.join() === expected.join() || undefined;
      },
      () => `not ${expected.join()} but ${states.join()}`,
    );
  }

  it('that is answered puts the first on hold, which the phone resumes when the second ends', async () => {
    await fooHas('Active', 'Alerting');
    await foo.answer();
    await office.talk(foo, baz);
    await office.silent(bar);
    await fooHas('Active', 'Held');
    await barUser().only('Remote Held');

    await foo.hangup();
    await Promise.all([baz.idle(), bazUser().none()]);
    await office.talk(foo, bar);
    expect((await fooUser().only('Active')).callId).toBe(first);
    await barUser().only('Active');
  });

  it('goes on when the API would reconnect the first, which only the phone can take back', async () => {
    await foo.answer();
    await office.talk(foo, baz);
    await fooHas('Active', 'Held');
    expect(await fooUser().reconnect(first)).toMatchObject({
      status: 400,
      body: { code: 59, detail: 'The endpoint state of the call is not valid.' },
    });
    await fooHas('Active', 'Held');
    await office.talk(foo, baz);
    await office.silent(bar);
  });

  it('whose caller gives up leaves the first as it is', async () => {
    await baz.hangup();
    await eventually(
      async () => (await foo.calls()).length === 1 || undefined,
      () => 'the phone rings on',
    );
    await office.talk(foo, bar);
    expect((await fooUser().only('Active')).callId).toBe(first);
  });

  it('goes on when the party of the first hangs up', async () => {
    await foo.answer();
    await office.talk(foo, baz);
    await bar.hangup();
    await Promise.all([bar.idle(), barUser().none()]);
    await fooUser().only('Active');
    await office.talk(foo, baz);
  });
});
