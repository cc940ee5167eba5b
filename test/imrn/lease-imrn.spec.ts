import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineRefusal } from '../../src/calls/application/call-engine.js';
import type { Group, User } from '../../src/directory/domain/user.js';
import { ImrnAllocation } from '../../src/imrn/application/imrn-allocation.js';
import type { ImrnRepository } from '../../src/imrn/application/imrn-repository.js';
import type { ImrnLease, ImrnPair } from '../../src/imrn/domain/imrn-lease.js';
import { SqliteImrnRepository } from '../../src/persistence/sqlite/sqlite-imrn-repository.js';
import { SqliteStore } from '../../src/persistence/sqlite/sqlite-store.js';
import { imrnDirectory, ImrnUseCases, MOBILE } from '../support/imrn.js';

const POOL = ['+3212345690', '+3212345691', '+3212345692'];
const FAILED = { reason: 'imrnAllocationFailed' };

/** A lease of foouser that is over. @param ago milliseconds since its beginning */
const past = (number: string, called: string, ago: number): ImrnLease => ({
  number,
  owner: { tenantId: 'foo', groupId: 'g', userId: 'foouser' },
  calling: MOBILE,
  called,
  leasedAt: Date.now() - ago,
  expiresAt: Date.now() - ago + 1,
});

describe('a number for a mobile call', () => {
  let folder: string;
  let store: SqliteStore;
  let leases: SqliteImrnRepository;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'imrn-'));
    store = await SqliteStore.open(folder);
    leases = new SqliteImrnRepository(store);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const replica = (pool = POOL, ttlMs?: number) => new ImrnUseCases(imrnDirectory(pool), leases, ttlMs);

  it('is another one for each pair of calling and called number, while the pool has one', async () => {
    const { lease } = bound(replica());
    const given = [await lease('+3225126778'), await lease('+3225126779'), await lease('5601', '5600')];
    expect(given.toSorted()).toEqual(POOL);
    await expect(lease('+3225126770')).rejects.toMatchObject(FAILED);
  });

  it('is the same one for the same pair, whose time begins anew', async () => {
    const { lease } = bound(replica());
    const number = await lease('+3225126778');
    const first = await leases.find(number);
    await delay(5);
    expect(await lease('+3225126778')).toBe(number);
    expect((await leases.find(number))?.expiresAt).toBeGreaterThan(first?.expiresAt ?? Infinity);
  });

  it.each([
    ['the called number', '+3225126778', MOBILE, '025-126778', MOBILE],
    ['the called extension', '5601', MOBILE, '+3212345601', MOBILE],
    ['the mobile number', '5601', MOBILE, '5601', '0470 12 34 56'],
    ['the own extension', '5601', '5600', '5601', '012345600'],
  ])('is the same one however %s is written', async (_, called, calling, calledAgain, callingAgain) => {
    const { lease } = bound(replica());
    expect(await lease(calledAgain, callingAgain)).toBe(await lease(called, calling));
  });

  it('is the same one for a pair that asks many times at once', async () => {
    const { lease } = bound(replica());
    const given = await Promise.all(Array.from({ length: 20 }, () => lease('+3225126778')));
    expect(new Set(given).size).toBe(1);
  });

  it('is none that another user has', async () => {
    const { lease } = bound(replica());
    const given = [
      await lease('+3225126778'),
      await lease('+3225126778', '+32470123457', 'baruser'),
      await lease('+3225126778', '5602', 'bazuser'),
    ];
    expect(new Set(given).size).toBe(3);
  });

  it('is the one that rested longest', async () => {
    const [first, second, third] = POOL as [string, string, string];
    await leases.take(past(first, '5601', 2_000));
    await leases.take(past(second, '5602', 3_000));
    await leases.take(past(third, '5603', 1_000));
    const { lease } = bound(replica());
    expect([await lease('+3225126777'), await lease('+3225126778')]).toEqual([second, first]);
  });

  it('is rather one that was never leased', async () => {
    await leases.take(past('+3212345690', '5601', 60_000));
    expect(await replica().lease('+3225126778')).toBe('+3212345691');
  });

  it('is the former one of the pair if nobody had it since, so that a late call reaches the one meant', async () => {
    await leases.take(past('+3212345691', '+3225126778', 1_000));
    expect(await replica().lease('+3225126778')).toBe('+3212345691');
  });

  it('is free again when the time is over', async () => {
    const { lease } = bound(replica(['+3212345690'], 300));
    expect(await lease('+3225126778')).toBe('+3212345690');
    await expect(lease('+3225126779')).rejects.toMatchObject(FAILED);
    await delay(350);
    expect(await lease('+3225126779')).toBe('+3212345690');
  });

  it('comes from the pool of today', async () => {
    expect(await replica().lease('+3225126778')).toBe('+3212345690');
    const later = replica(['+3212345691']);
    expect(await later.lease('+3225126778')).toBe('+3212345691');
    expect(await leases.find('+3212345690')).toBeUndefined();
  });

  it('is none where the group has no pool', async () => {
    await expect(replica([]).lease('+3225126778')).rejects.toMatchObject(FAILED);
  });

  it('leaves nothing behind of leases that are long over', async () => {
    await leases.take(past('+3212345699', '5601', 90_000_000));
    await leases.take(past('+3212345698', '5602', 80_000_000));
    await replica().lease('+3225126778');
    const kept = await leases.listOf({ tenantId: 'foo', groupId: 'g' });
    expect(kept.map(({ number }) => number)).toEqual(['+3212345690', '+3212345698']);
  });
});

/** A switch that gives one number, or refuses. */
class SwitchNumbers extends ImrnAllocation {
  readonly asked: [string, ImrnPair][] = [];
  refusal: EngineRefusal | undefined;

  override async allocate({ ref }: User, _group: Group, pair: ImrnPair): Promise<string> {
    this.asked.push([ref.userId, pair]);
    if (this.refusal) throw this.refusal;
    return '+3212345699';
  }
}

describe('a number for a mobile call that comes from the switch', () => {
  const numbers = new SwitchNumbers();
  const none = {} as ImrnRepository;
  const { lease } = bound(new ImrnUseCases(imrnDirectory(POOL), none, 0, numbers));

  it('is asked for with the numbers that are meant, whatever the pool', async () => {
    expect(await lease('5601', '0470 12 34 56')).toBe('+3212345699');
    const owner = { tenantId: 'foo', groupId: 'g', userId: 'foouser' };
    expect(numbers.asked).toEqual([['foouser', { owner, calling: MOBILE, called: '+3212345601' }]]);
  });

  it.each([
    ['unavailable', 'engineUnavailable'],
    ['timeout', 'engineTimeout'],
    ['badAnswer', 'engineBadAnswer'],
  ] as const)('and that it does not give, is refused: %s is %s', async (refusal, reason) => {
    numbers.refusal = new EngineRefusal(refusal, 'The switch of cluster east is silent.');
    await expect(lease('5601')).rejects.toMatchObject({
      reason,
      detail: { message: 'The switch of cluster east is silent.' },
    });
  });
});

/** `lease` to be called alone. */
function bound(replica: ImrnUseCases) {
  return { lease: replica.lease.bind(replica) };
}
