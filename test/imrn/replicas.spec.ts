import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresImrnRepository } from '../../src/persistence/postgres/postgres-imrn-repository.js';
import { PostgresStore } from '../../src/persistence/postgres/postgres-store.js';
import { imrnDirectory, ImrnUseCases, MOBILE } from '../support/imrn.js';
import { type Postgres, startPostgres } from '../support/postgres.js';

const given = (results: PromiseSettledResult<string>[]) =>
  results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
const numberOf = (index: number) => `+322512${6000 + index}`;

describe('two replicas at once on PostgreSQL', () => {
  let server: Postgres;
  let stores: PostgresStore[];
  let databases = 0;
  beforeAll(async () => {
    server = await startPostgres(join(mkdtempSync(join(tmpdir(), 'imrn-')), 'data'));
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    const url = await server.database(`imrn${++databases}`);
    stores = [await PostgresStore.open(url), await PostgresStore.open(url)];
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
  });

  const replicas = (pool: number, ttlMs?: number) => {
    const numbers = Array.from({ length: pool }, (_, index) => `+32123456${10 + index}`);
    return stores.map(
      (store) => new ImrnUseCases(imrnDirectory(numbers), new PostgresImrnRepository(store), ttlMs),
    ) as [ImrnUseCases, ImrnUseCases];
  };

  it('give away each number once, and all of them', async () => {
    const [one, two] = replicas(20);
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) =>
        index % 2 ? one.lease(numberOf(index)) : two.lease(numberOf(index)),
      ),
    );
    expect(given(results)).toHaveLength(20);
    expect(new Set(given(results)).size).toBe(20);
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ reason: 'imrnAllocationFailed' });
  });

  it('give the last number to one of two, round after round', async () => {
    const [one, two] = replicas(1);
    for (let round = 0; round < 30; round++) {
      const results = await Promise.allSettled([
        one.lease(numberOf(round)),
        two.lease(numberOf(round), '+32470123457', 'baruser'),
      ]);
      expect(given(results)).toHaveLength(1);
      const [first] = results;
      const winner = first.status === 'fulfilled' ? MOBILE : '+32470123457';
      expect(await two.anchor.claim('+3212345610', winner)).toMatchObject({
        destination: { address: numberOf(round) },
      });
    }
  });

  it('give a pair that asks both the same number', async () => {
    const [one, two] = replicas(40);
    for (let round = 0; round < 30; round++) {
      const results = await Promise.all([one, two].map((replica) => replica.lease(numberOf(round))));
      expect(new Set(results).size).toBe(1);
    }
  });

  it('let one of two claims at once win', async () => {
    const [one, two] = replicas(1);
    for (let round = 0; round < 30; round++) {
      const number = await one.lease(numberOf(round));
      const claims = await Promise.all([one, two].map(({ anchor }) => anchor.claim(number, MOBILE)));
      expect(claims.filter((claim) => claim === 'refused')).toHaveLength(1);
    }
  });
});
