import { BaresipPhone } from '../support/baresip.js';
import { SippTrunk } from '../support/sipp.js';
import { stretch, tonesHeard } from '../support/tones.js';
import { eventually } from '../support/wait.js';

const FOO_HZ = 440;
const BAR_HZ = 880;
const TONES = [FOO_HZ, BAR_HZ, 1320];

const heardLately = (phone: BaresipPhone) => tonesHeard(stretch(phone.recorded(), -400), TONES);

/** The harness and what the engine takes for granted of a real phone, without the service between. */
describe('baresip on its own', () => {
  const phones: BaresipPhone[] = [];

  async function phone(name: string, host: string, toneHz: number, answer: 'auto' | 'manual' = 'auto') {
    const started = await BaresipPhone.start({
      address: host,
      addressOfRecord: `${name}@${host}`,
      password: 'none',
      transport: 'udp',
      toneHz,
      firstRtpPort: 20_000 + phones.length * 100,
      answer,
    });
    phones.push(started);
    return started;
  }

  afterEach(async () => {
    await Promise.all(phones.splice(0).map((each) => each.stop()));
  });

  it('talks to another phone, and each records the tone of the other and not its own', async () => {
    const foo = await phone('foo', '127.0.0.2', FOO_HZ);
    const bar = await phone('bar', '127.0.0.3', BAR_HZ);
    await foo.dial('sip:bar@127.0.0.3:5060');
    await Promise.all([foo.seen('CALL_ESTABLISHED'), bar.seen('CALL_ESTABLISHED')]);
    expect(await foo.calls()).toEqual([expect.stringContaining('ESTABLISHED')]);
    await eventually(
      () => (heardLately(foo).length > 0 && heardLately(bar).length > 0) || undefined,
      () => `heard ${heardLately(foo).join()} and ${heardLately(bar).join()}`,
    );
    expect(heardLately(foo)).toEqual([BAR_HZ]);
    expect(heardLately(bar)).toEqual([FOO_HZ]);

    await bar.hangup();
    await foo.seen('CALL_CLOSED');
    expect(await foo.calls()).toEqual([]);
  });

  it('answers an INVITE without an offer, and offers sendrecv again after an inactive answer', async () => {
    const foo = await phone('foo', '127.0.0.2', FOO_HZ);
    const asker = SippTrunk.asksForOffers('foo', { host: '127.0.0.2', port: 5060 });
    await asker.done();
    await foo.seen('CALL_CLOSED');
  });

  it('stops ringing when the caller gives up', async () => {
    const foo = await phone('foo', '127.0.0.2', FOO_HZ, 'manual');
    const caller = SippTrunk.givesUp('foo', 'caller', { host: '127.0.0.2', port: 5060 });
    await foo.seen('CALL_INCOMING');
    await caller.done();
    await foo.seen('CALL_CLOSED');
  });
});
