import { StoreUnavailable } from '../../src/calls/application/call-repository.js';
import type { ImrnRepository } from '../../src/imrn/application/imrn-repository.js';
import type { ImrnLease } from '../../src/imrn/domain/imrn-lease.js';

export interface OpenImrnStore {
  repository: ImrnRepository;
  close(): Promise<void>;
}

const NOW = 1_800_000_000_000;
const TTL = 30_000;
let numbers = 0;

/** A lease of a number that no other test has, of a group of its own. */
function aLease(changes: Partial<ImrnLease> = {}): ImrnLease {
  const id = ++numbers;
  return {
    number: `+32123${String(id).padStart(5, '0')}`,
    owner: { tenantId: 'foo', groupId: `group${id}`, userId: 'foouser' },
    calling: '+32470123456',
    called: '+3225126778',
    leasedAt: NOW,
    expiresAt: NOW + TTL,
    ...changes,
  };
}

/** Another pair's lease of the same number. */
const other = (lease: ImrnLease, leasedAt: number): ImrnLease => ({
  ...lease,
  called: '+3225126779',
  leasedAt,
  expiresAt: leasedAt + TTL,
});

/** What every store of leases must do. `open` opens the same data each time. */
export function describeImrnRepository(open: () => Promise<OpenImrnStore>): void {
  let store: OpenImrnStore;
  let repository: ImrnRepository;

  beforeAll(async () => {
    store = await open();
    ({ repository } = store);
  });
  afterAll(() => store.close());

  async function taken(changes: Partial<ImrnLease> = {}): Promise<ImrnLease> {
    const lease = aLease(changes);
    expect(await repository.take(lease)).toBe(true);
    return lease;
  }

  it('reads back a lease, and nothing for a number that was never leased', async () => {
    const lease = await taken();
    expect(await repository.find(lease.number)).toEqual(lease);
    expect(await repository.find('+3200000000')).toBeUndefined();
  });

  it('lists the leases of one group', async () => {
    const first = await taken();
    const second = await taken({ owner: { ...first.owner, userId: 'baruser' } });
    await taken({ owner: { ...first.owner, tenantId: 'bar' } });
    await taken();
    expect(await repository.listOf(first.owner)).toEqual([first, second]);
  });

  it('gives no number that another pair has, until the lease is over', async () => {
    const lease = await taken();
    expect(await repository.take(other(lease, lease.expiresAt - 1))).toBe(false);
    expect(await repository.find(lease.number)).toEqual(lease);
    const next = other(lease, lease.expiresAt);
    expect(await repository.take(next)).toBe(true);
    expect(await repository.find(lease.number)).toEqual(next);
  });

  it.each([
    ['user', { owner: { tenantId: 'foo', groupId: 'elsewhere', userId: 'foouser' } }],
    ['calling number', { calling: '+32470123457' }],
    ['called number', { called: '+3225126779' }],
  ])('takes a pair with another %s for another pair', async (_, changes) => {
    const lease = await taken();
    expect(await repository.take({ ...lease, ...changes })).toBe(false);
  });

  it('renews the lease of the same pair', async () => {
    const lease = await taken();
    const renewed = { ...lease, leasedAt: NOW + 5_000, expiresAt: NOW + 5_000 + TTL };
    expect(await repository.take(renewed)).toBe(true);
    expect(await repository.find(lease.number)).toEqual(renewed);
  });

  it('gives a pair one number at a time', async () => {
    const lease = await taken();
    const second = aLease({ owner: lease.owner });
    expect(await repository.take(second)).toBe(false);
    expect(await repository.find(second.number)).toBeUndefined();
    await repository.forget(lease);
    expect(await repository.take(second)).toBe(true);
  });

  it('frees a number by its use, and remembers when it was leased', async () => {
    const lease = await taken();
    expect(await repository.use(lease)).toBe(true);
    expect(await repository.find(lease.number)).toEqual({ ...lease, expiresAt: 0 });
    expect(await repository.take(other(lease, NOW + 1))).toBe(true);
  });

  it('lets a lease be used by one of many at once', async () => {
    const lease = await taken();
    const uses = await Promise.all(Array.from({ length: 20 }, () => repository.use(lease)));
    expect(uses.filter(Boolean)).toHaveLength(1);
  });

  it('uses no lease that was renewed or given to another pair since it was read', async () => {
    const lease = await taken();
    const renewed = { ...lease, leasedAt: NOW + 1, expiresAt: NOW + 1 + TTL };
    await repository.take(renewed);
    expect(await repository.use(lease)).toBe(false);
    await repository.take(other(lease, renewed.expiresAt));
    expect(await repository.use(renewed)).toBe(false);
  });

  it('gives a number to one of many that ask at once', async () => {
    const { number, owner } = aLease();
    const asked = Array.from({ length: 20 }, (_, index) => aLease({ number, owner, called: `56${index}` }));
    const answers = await Promise.all(asked.map((lease) => repository.take(lease)));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await repository.find(number)).toEqual(asked[answers.indexOf(true)]);
  });

  it('gives a pair that asks many times at once one number', async () => {
    const { owner } = aLease();
    const answers = await Promise.all(Array.from({ length: 20 }, () => repository.take(aLease({ owner }))));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await repository.listOf(owner)).toHaveLength(1);
  });

  it('forgets a lease, but not one that has come in its place', async () => {
    const lease = await taken();
    const next = other(lease, lease.expiresAt);
    await repository.take(next);
    await repository.forget(lease);
    expect(await repository.find(lease.number)).toEqual(next);
    await repository.forget(next);
    expect(await repository.find(lease.number)).toBeUndefined();
  });

  it('has its leases when it opens again, and gives none in between', async () => {
    const lease = await taken();
    await store.close();
    await expect(repository.take(aLease())).rejects.toThrow(StoreUnavailable);
    await expect(repository.find(lease.number)).rejects.toThrow(StoreUnavailable);
    store = await open();
    ({ repository } = store);
    expect(await repository.find(lease.number)).toEqual(lease);
  });
}
