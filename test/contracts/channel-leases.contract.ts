import { StoreUnavailable } from '../../src/calls/application/call-repository.js';
import type { ChannelLease, ChannelLeases } from '../../src/engines/broadworks/events/channel-leases.js';

export interface OpenChannelLeases {
  leases: ChannelLeases;
  close(): Promise<void>;
}

const NOW = 1_800_000_000_000;
const TTL = 4_000;
let clusters = 0;

/** A lease of a cluster that no other test has. */
function aLease(changes: Partial<ChannelLease> = {}): ChannelLease {
  return { cluster: `cluster${++clusters}`, holder: 'a', expiresAt: NOW + TTL, inStep: false, ...changes };
}

/** What every store of channel leases must do. `open` opens the same data each time. */
export function describeChannelLeases(open: () => Promise<OpenChannelLeases>): void {
  let store: OpenChannelLeases;
  let leases: ChannelLeases;

  beforeAll(async () => {
    store = await open();
    ({ leases } = store);
  });
  afterAll(() => store.close());

  async function taken(changes: Partial<ChannelLease> = {}): Promise<ChannelLease> {
    const lease = aLease(changes);
    expect(await leases.take(lease, NOW)).toBe(true);
    return lease;
  }

  it('takes a lease that nobody has, and reads it back', async () => {
    const lease = aLease({ inStep: true });
    expect(await leases.find(lease.cluster)).toBeUndefined();
    expect(await leases.take(lease, NOW)).toBe(true);
    expect(await leases.find(lease.cluster)).toEqual(lease);
  });

  it('keeps the lease of each cluster for itself', async () => {
    const one = await taken();
    const other = await taken({ holder: 'b', inStep: true });
    expect(await leases.find(one.cluster)).toEqual(one);
    expect(await leases.find(other.cluster)).toEqual(other);
  });

  it('gives no lease that another holder has, until it is over', async () => {
    const lease = await taken();
    const other = { ...lease, holder: 'b', expiresAt: lease.expiresAt + TTL, inStep: true };
    expect(await leases.take(other, lease.expiresAt - 1)).toBe(false);
    expect(await leases.find(lease.cluster)).toEqual(lease);
    expect(await leases.take(other, lease.expiresAt)).toBe(true);
    expect(await leases.find(lease.cluster)).toEqual(other);
  });

  it('renews the own lease, also one that is over, with whether the holder is in step', async () => {
    const lease = await taken();
    for (const [now, inStep] of [
      [NOW + 1_000, true],
      [NOW + 2_000, false],
      [NOW + 60_000, true],
    ] as const) {
      const renewed = { ...lease, expiresAt: now + TTL, inStep };
      expect(await leases.take(renewed, now)).toBe(true);
      expect(await leases.find(lease.cluster)).toEqual(renewed);
    }
  });

  it('renews nothing that another holder has taken meanwhile', async () => {
    const lease = await taken();
    const other = { ...lease, holder: 'b', expiresAt: lease.expiresAt + TTL };
    await leases.take(other, lease.expiresAt);
    const late = { ...lease, expiresAt: lease.expiresAt + TTL + 1 };
    expect(await leases.take(late, lease.expiresAt + 1)).toBe(false);
    expect(await leases.find(lease.cluster)).toEqual(other);
  });

  it('gives a lease to one of many that ask at once', async () => {
    const { cluster } = aLease();
    const asked = Array.from({ length: 20 }, (_, index) => aLease({ cluster, holder: `holder${index}` }));
    const answers = await Promise.all(asked.map((lease) => leases.take(lease, NOW)));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await leases.find(cluster)).toEqual(asked[answers.indexOf(true)]);
  });

  it('gives a lease that is over to one of many that ask at once', async () => {
    const { cluster, expiresAt } = await taken();
    const asked = Array.from({ length: 20 }, (_, index) =>
      aLease({ cluster, holder: `holder${index}`, expiresAt: expiresAt + TTL }),
    );
    const answers = await Promise.all(asked.map((lease) => leases.take(lease, expiresAt)));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await leases.find(cluster)).toEqual(asked[answers.indexOf(true)]);
  });

  it('takes back a lease before it is over, but not one that another holder has', async () => {
    const lease = await taken();
    await leases.giveBack(lease.cluster, 'b');
    expect(await leases.find(lease.cluster)).toEqual(lease);
    await leases.giveBack(lease.cluster, 'a');
    expect(await leases.find(lease.cluster)).toBeUndefined();
    await leases.giveBack(lease.cluster, 'a');
    const next = { ...lease, holder: 'b' };
    expect(await leases.take(next, NOW)).toBe(true);
    expect(await leases.find(lease.cluster)).toEqual(next);
  });

  it('has its leases when it opens again, and gives none in between', async () => {
    const lease = await taken();
    await store.close();
    await expect(leases.take(lease, NOW)).rejects.toThrow(StoreUnavailable);
    await expect(leases.find(lease.cluster)).rejects.toThrow(StoreUnavailable);
    await expect(leases.giveBack(lease.cluster, lease.holder)).rejects.toThrow(StoreUnavailable);
    store = await open();
    ({ leases } = store);
    expect(await leases.find(lease.cluster)).toEqual(lease);
  });
}
