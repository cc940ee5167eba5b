import type { BaresipPhone } from '../support/baresip.js';
import { Office } from '../support/office.js';

describe.each([
  ['udp', 'relay'],
  ['tcp', 'relay'],
  ['udp', 'rtpengine'],
] as const)('two baresip phones over %s, audio through %s', (transport, media) => {
  const office = new Office(media);
  let foo: BaresipPhone;
  let bar: BaresipPhone;
  const fooUser = () => office.as('foouser');
  const barUser = () => office.as('baruser');

  beforeAll(async () => {
    await office.open();
    [foo, bar] = await Promise.all([
      office.phone('LP_foouser', { transport }),
      office.phone('LP_baruser', { transport }),
    ]);
  });

  afterEach(() => office.clear());
  afterAll(() => office.close());

  it('talk after a click-to-dial, and are held, reconnected and released by the API', async () => {
    const callId = await fooUser().dial('5601');
    await Promise.all([foo.seen('CALL_ESTABLISHED'), bar.seen('CALL_ESTABLISHED')]);
    const [mine, theirs] = [await fooUser().only('Active'), await barUser().only('Active')];
    expect(mine).toMatchObject({
      callId,
      personality: 'Originator',
      remoteParty: { address: '+3212345601', callType: 'Group' },
      endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
    });
    expect(theirs).toMatchObject({
      personality: 'Terminator',
      externalTrackingId: mine.externalTrackingId,
      remoteParty: { address: '+3212345600', callType: 'Group' },
    });
    expect(theirs.callId).not.toBe(callId);
    await office.talk(foo, bar);

    expect((await fooUser().hold(callId)).status).toBe(200);
    await Promise.all([fooUser().only('Held'), barUser().only('Remote Held')]);
    await office.silent(foo, bar);

    expect((await fooUser().reconnect(callId)).status).toBe(200);
    await Promise.all([fooUser().only('Active'), barUser().only('Active')]);
    await office.talk(foo, bar);

    expect((await fooUser().release(callId)).status).toBe(200);
    await Promise.all([foo.idle(), bar.idle()]);
    await Promise.all([fooUser().none(), barUser().none()]);
  });

  it('hold, resume and hang up on the phone, which the API shows on both sides', async () => {
    await foo.dial('sip:5601@sip.example.test');
    expect((await fooUser().only('Active')).personality).toBe('Originator');
    expect((await barUser().only('Active')).personality).toBe('Terminator');
    await office.talk(foo, bar);
    expect(foo.shareInRecording(bar.toneHz)).toBeGreaterThan(0.5);
    expect(bar.shareInRecording(foo.toneHz)).toBeGreaterThan(0.5);

    await bar.hold();
    await Promise.all([barUser().only('Held'), fooUser().only('Remote Held')]);
    await office.silent(foo);

    await bar.resume();
    await Promise.all([barUser().only('Active'), fooUser().only('Active')]);
    await office.talk(foo, bar);

    await bar.hangup();
    await foo.idle();
    await Promise.all([fooUser().none(), barUser().none()]);
  });
});
