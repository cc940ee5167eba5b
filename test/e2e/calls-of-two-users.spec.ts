import type { RestClient } from '../support/rest-client.js';
import { SandboxService } from '../support/sandbox-service.js';

describe('users of the sandbox', () => {
  const service = new SandboxService({ RING_TIMEOUT: '5s' });
  let foo: RestClient;
  let bar: RestClient;

  beforeAll(async () => {
    await service.start();
    [foo, bar] = [await service.as('foouser'), await service.as('baruser')];
  });
  afterEach(async () => {
    for (const { callId } of await foo.list()) await foo.release(callId);
    await Promise.all([foo.none(), bar.none()]);
  });
  afterAll(() => service.close());

  it('who talk to each other have a call each under one tracking id', async () => {
    const callId = await foo.dial('5601');
    const [mine, theirs] = await Promise.all([foo.only('Active'), bar.only('Active')]);
    expect(mine).toMatchObject({
      callId,
      personality: 'Originator',
      remoteParty: { address: '+3212345601', callType: 'Group' },
    });
    expect(theirs).toMatchObject({
      personality: 'Terminator',
      externalTrackingId: mine.externalTrackingId,
      remoteParty: { address: '+3212345600', callType: 'Group' },
      endpoint: { addressOfRecord: 'LP_baruser@sip.example.test' },
    });
    expect(theirs.callId).not.toBe(callId);
    expect((await bar.release(callId)).status).toBe(404);
    expect((await bar.release(theirs.callId)).status).toBe(200);
    await foo.none();
  });

  it('of another group are Unknown, and one without a number shows the extension', async () => {
    const other = await service.as('otheruser', 'bar', 'bargroup');
    await foo.dial('+3298765400');
    expect((await other.only('Active')).remoteParty).toEqual({ address: '+3212345600', callType: 'Unknown' });
    await other.release((await other.only('Active')).callId);
    await foo.none();

    const baz = await service.as('bazuser');
    await baz.dial('5601');
    expect((await bar.only('Active')).remoteParty).toEqual({ address: '5602', callType: 'Group' });
    await bar.release((await bar.only('Active')).callId);
    await baz.none();
  });

  it('hold and reconnect from both sides, and each sees what the other did', async () => {
    const mine = await foo.dial('5601');
    await foo.only('Active');
    const theirs = (await bar.only('Active')).callId;

    expect((await foo.hold(mine)).status).toBe(200);
    await Promise.all([foo.only('Held'), bar.only('Remote Held')]);
    expect((await bar.hold(theirs)).status).toBe(200);
    await Promise.all([foo.only('Held'), bar.only('Held')]);
    expect((await foo.reconnect(mine)).status).toBe(200);
    await Promise.all([foo.only('Remote Held'), bar.only('Held')]);
    expect((await bar.reconnect(theirs)).status).toBe(200);
    await Promise.all([foo.only('Active'), bar.only('Active')]);
  });

  it('release their other calls by reconnecting one', async () => {
    const first = await foo.dial('+3212345678');
    await foo.only('Active');
    expect((await foo.hold(first)).status).toBe(200);
    await foo.dial('5601');
    await bar.only('Active');
    expect((await foo.list()).map(({ callId }) => callId)).toHaveLength(2);
    expect((await foo.reconnect(first)).status).toBe(200);
    await bar.none();
    expect((await foo.only('Active')).callId).toBe(first);
  });

  it('who hold and release at the same instant get one of the two, and a clean refusal for the other', async () => {
    for (let round = 0; round < 10; round++) {
      const callId = await foo.dial('5601');
      await foo.only('Active');
      const [hold, release] = await Promise.all([foo.hold(callId), foo.release(callId)]);
      expect(release.status).toBe(200);
      expect([200, 404]).toContain(hold.status);
      await Promise.all([foo.none(), bar.none()]);
      const ends = (await service.eventsOf(callId)).filter(({ fact }) => fact.kind === 'released');
      expect(ends).toHaveLength(1);
    }
  }, 20_000);

  it('get distinct appearances for calls that they place at once', async () => {
    await Promise.all([foo.dial('+3212345681'), foo.dial('+3212345681'), foo.dial('+3212345681')]);
    const lines = (await foo.list()).map((call) => (call as unknown as { appearance: number }).appearance);
    expect(lines.toSorted()).toEqual([1, 2, 3]);
  });
});
