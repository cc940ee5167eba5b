import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SqliteImrnRepository } from '../../src/persistence/sqlite/sqlite-imrn-repository.js';
import { SqliteStore } from '../../src/persistence/sqlite/sqlite-store.js';
import { imrnDirectory, ImrnUseCases, MOBILE } from '../support/imrn.js';

const POOL = ['+3212345690', '+3212345691'];

describe('a call to a number of the pool', () => {
  let folder: string;
  let store: SqliteStore;
  let leases: SqliteImrnRepository;
  let replica: ImrnUseCases;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'imrn-'));
    store = await SqliteStore.open(folder);
    leases = new SqliteImrnRepository(store);
    replica = new ImrnUseCases(imrnDirectory(POOL), leases);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['a number of the outside world', '025126778', { address: '+3225126778' }],
    ['a user of the group', '5602', { address: '5602', user: 'bazuser' }],
    ['an office number', '+3212345601', { address: '+3212345601', user: 'baruser' }],
  ])(
    "becomes the user's call to %s",
    async (_, called, { address, user }: { address: string; user?: string }) => {
      const number = await replica.lease(called);
      expect(await replica.anchor.claim(number, MOBILE)).toEqual({
        user: replica.user('foouser'),
        destination: { address, ...(user && { user: replica.user(user) }) },
      });
    },
  );

  it.each([
    ['a mobile', MOBILE, [MOBILE, '32470123456', '0470123456', '0032470123456']],
    ['a foreign mobile', '+31612345678', ['+31612345678', '31612345678', '0031612345678']],
    ['an office number', '+3212345600', ['+3212345600', '3212345600', '5600']],
    ['an extension', '5600', ['5600', '+3212345600']],
  ])('is taken from %s, however the caller is presented', async (_, calling, presented) => {
    for (const text of presented) {
      const number = await replica.lease('+3225126778', calling);
      expect([text, await replica.anchor.claim(number, text)]).toMatchObject([
        text,
        { destination: { address: '+3225126778' } },
      ]);
    }
  });

  it('is taken from the extension of a user without number', async () => {
    const number = await replica.lease('+3225126778', '5602', 'bazuser');
    expect(await replica.anchor.claim(number, '5602')).toMatchObject({ user: replica.user('bazuser') });
  });

  it.each(['+32470123457', '+3212345600', '5600', '5601', '5699', 'anonymous', '', '+', '0'.repeat(70)])(
    'is refused from %j, who has no lease of it, and the lease stays',
    async (stranger) => {
      const number = await replica.lease('+3225126778');
      expect(await replica.anchor.claim(number, stranger)).toBe('refused');
      expect(await replica.anchor.claim(number, MOBILE)).toMatchObject({ user: replica.user('foouser') });
    },
  );

  it('is refused where the number was never leased', async () => {
    expect(await replica.anchor.claim('+3212345690', MOBILE)).toBe('refused');
  });

  it('is refused the second time, and the number is free', async () => {
    replica = new ImrnUseCases(imrnDirectory(['+3212345690']), leases);
    const number = await replica.lease('+3225126778');
    await replica.anchor.claim(number, MOBILE);
    expect(await replica.anchor.claim(number, MOBILE)).toBe('refused');
    expect(await replica.lease('+3225126779')).toBe(number);
  });

  it('is one call of many at once', async () => {
    const number = await replica.lease('+3225126778');
    const claims = await Promise.all(Array.from({ length: 20 }, () => replica.anchor.claim(number, MOBILE)));
    expect(claims.filter((claim) => claim !== 'refused')).toHaveLength(1);
  });

  it('is taken though the lease is renewed at the same moment', async () => {
    for (let round = 0; round < 20; round++) {
      const number = await replica.lease('+3225126778');
      const [claim] = await Promise.all([replica.anchor.claim(number, MOBILE), replica.lease('+3225126778')]);
      expect(claim).toMatchObject({ destination: { address: '+3225126778' } });
    }
  });

  it('is refused when it comes too late', async () => {
    replica = new ImrnUseCases(imrnDirectory(POOL), leases, 50);
    const number = await replica.lease('+3225126778');
    await delay(60);
    expect(await replica.anchor.claim(number, MOBILE)).toBe('refused');
  });

  it('goes to the second of two leases by the number that was called', async () => {
    const [first, second] = [await replica.lease('+3225126778'), await replica.lease('+3225126779')];
    expect(await replica.anchor.claim(second, MOBILE)).toMatchObject({
      destination: { address: '+3225126779' },
    });
    expect(await replica.anchor.claim(first, MOBILE)).toMatchObject({
      destination: { address: '+3225126778' },
    });
  });

  it('is refused when the user, or the extension that was meant, is not there any more', async () => {
    const of = await replica.lease('+3225126778', '5602', 'bazuser');
    const to = await replica.lease('5602');
    const directory = imrnDirectory(POOL);
    const findUser = directory.findUser.bind(directory);
    directory.findUser = (ref) => (ref.userId === 'bazuser' ? undefined : findUser(ref));
    const findUserByExtension = directory.findUserByExtension.bind(directory);
    directory.findUserByExtension = (tenant, group, extension) =>
      extension === '5602' ? undefined : findUserByExtension(tenant, group, extension);
    const later = new ImrnUseCases(directory, leases);
    expect(await later.anchor.claim(of, '5602')).toBe('refused');
    expect(await later.anchor.claim(to, MOBILE)).toBe('refused');
  });

  it('is none where the number is in no pool', async () => {
    for (const number of ['+3212345601', '+3212345678', '5601', ''])
      expect(await replica.anchor.claim(number, MOBILE)).toBeUndefined();
  });
});
