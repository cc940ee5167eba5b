import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { CallRepository, VersionConflict } from '../../src/calls/application/call-repository.js';
import { PostgresCallRepository } from '../../src/persistence/postgres/postgres-call-repository.js';
import { PostgresChannelLeases } from '../../src/persistence/postgres/postgres-channel-leases.js';
import { PostgresImrnRepository } from '../../src/persistence/postgres/postgres-imrn-repository.js';
import { PostgresRegistrationStore } from '../../src/persistence/postgres/postgres-registration-store.js';
import { PostgresStoreHealth } from '../../src/persistence/postgres/postgres-store-health.js';
import { PostgresStore } from '../../src/persistence/postgres/postgres-store.js';
import { describeCallRepository } from '../contracts/call-repository.contract.js';
import { describeChannelLeases } from '../contracts/channel-leases.contract.js';
import { describeImrnRepository } from '../contracts/imrn-repository.contract.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { after, aNewCall } from '../support/some-calls.js';
import { eventually } from '../support/wait.js';

describe('PostgreSQL', () => {
  let server: Postgres;
  let url: string;

  beforeAll(async () => {
    server = await startPostgres(join(mkdtempSync(join(tmpdir(), 'postgres-')), 'data'));
    url = await server.database('contract');
  }, 60_000);
  afterAll(() => server.stop());

  async function open(address = url) {
    const store = await PostgresStore.open(address);
    return {
      repository: new PostgresCallRepository(store) as CallRepository,
      registrations: new PostgresRegistrationStore(store),
      health: new PostgresStoreHealth(store),
      close: () => store.close(),
    };
  }

  describe('as a store of calls', () => {
    describeCallRepository(() => open());
  });

  describe('as a store of leases', () => {
    describeImrnRepository(async () => {
      const store = await PostgresStore.open(url);
      return { repository: new PostgresImrnRepository(store), close: () => store.close() };
    });
  });

  describe('as a store of who listens to a switch', () => {
    describeChannelLeases(async () => {
      const store = await PostgresStore.open(url);
      return { leases: new PostgresChannelLeases(store), close: () => store.close() };
    });
  });

  describe('with two replicas', () => {
    it('is migrated by both at once', async () => {
      const fresh = await server.database('migrated_twice');
      const replicas = await Promise.all([open(fresh), open(fresh), open(fresh)]);
      const begun = aNewCall();
      await replicas[0]?.repository.save({ calls: [begun] });
      for (const replica of replicas) {
        expect(await replica.repository.find(begun.call.callId)).toEqual(begun.call);
        await replica.close();
      }
    });

    it('takes each version of a call from one of them', async () => {
      const [one, two] = [await open(), await open()];
      let { call, fact } = aNewCall();
      await one.repository.save({ calls: [{ call, fact }] });
      for (const kind of ['answered', 'held', 'reconnected', 'held', 'released'] as const) {
        const next = after(call, kind);
        const results = await Promise.allSettled([
          one.repository.save({ calls: [next] }),
          two.repository.save({ calls: [next] }),
        ]);
        expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
        const lost = results.find((result) => result.status === 'rejected');
        expect(lost?.reason).toBeInstanceOf(VersionConflict);
        ({ call, fact } = next);
      }
      expect(await two.repository.eventsOf(call.callId)).toHaveLength(6);
      await Promise.all([one.close(), two.close()]);
    });

    it('gives each change to one of them when both write the same calls crosswise, and all of it', async () => {
      const replicas = [await open(), await open()];
      const [one] = replicas;
      let pairs = Array.from({ length: 40 }, () => [aNewCall('foouser'), aNewCall('baruser')]);
      await Promise.all(pairs.map((calls) => one?.repository.save({ calls })));
      for (const kind of ['answered', 'held', 'reconnected', 'held', 'released'] as const) {
        pairs = pairs.map((pair) => pair.map(({ call }) => after(call, kind)));
        const backwards = pairs.map((pair) => pair.toReversed()).toReversed();
        const results = await Promise.allSettled(
          [...pairs.entries()].flatMap(([index, calls]) => [
            replicas[0]?.repository.save({ calls }),
            replicas[1]?.repository.save({ calls: backwards[index] ?? [] }),
          ]),
        );
        const lost = results.filter((result) => result.status === 'rejected');
        expect(lost.map(({ reason }) => (reason as Error).constructor.name)).toEqual(
          Array.from(pairs, () => 'VersionConflict'),
        );
      }
      for (const { call } of pairs.flat()) {
        expect(await one?.repository.find(call.callId)).toEqual(call);
        expect(await one?.repository.eventsOf(call.callId)).toHaveLength(6);
      }
      await Promise.all(replicas.map((replica) => replica.close()));
    });

    it('gives who listens to a switch to one of two processes, whoever asks first', async () => {
      const stores = [await PostgresStore.open(url), await PostgresStore.open(url)];
      try {
        const [one, two] = stores.map((store) => new PostgresChannelLeases(store));
        for (let now = 0; now < 100_000; now += 4_000) {
          const lease = { cluster: 'contended', expiresAt: now + 4_000, inStep: false };
          const taken = await Promise.all([
            one?.take({ ...lease, holder: 'one' }, now),
            two?.take({ ...lease, holder: 'two' }, now),
          ]);
          const holder = (await one?.find('contended'))?.holder;
          expect(taken).toEqual([holder === 'one', holder === 'two']);
          expect(await two?.find('contended')).toEqual({ ...lease, holder });
        }
      } finally {
        await Promise.all(stores.map((store) => store.close()));
      }
    });

    it('opens a session in one of them', async () => {
      const replicas = [await open(), await open()];
      for (let round = 0; round < 20; round++) {
        const sessionId = aNewCall().call.externalTrackingId;
        const saves = replicas.map(({ repository }) => {
          const begun = aNewCall('foouser', sessionId);
          return repository.save({ calls: [begun], sessions: [{ sessionId, version: 1, state: '{}' }] });
        });
        const results = await Promise.allSettled(saves);
        const [lost, ...others] = results.filter((result) => result.status === 'rejected');
        expect(others).toEqual([]);
        expect(lost?.reason).toMatchObject({ constructor: VersionConflict, id: sessionId });
      }
      await Promise.all(replicas.map((replica) => replica.close()));
    });
  });

  it('refuses what it cannot keep, alone among many at once', async () => {
    const store = await open();
    const [bad, ...good] = Array.from({ length: 64 }, () => aNewCall());
    const sessionId = bad?.call.externalTrackingId ?? '';
    const results = await Promise.allSettled([
      store.repository.save({ calls: bad ? [bad] : [], sessions: [{ sessionId, version: 1, state: '\0' }] }),
      ...good.map((each) => store.repository.save({ calls: [each] })),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', ...good.map(() => 'fulfilled')]);
    expect(await store.repository.find(bad?.call.callId ?? '')).toBeUndefined();
    expect(await store.repository.eventsOf(bad?.call.callId ?? '')).toEqual([]);
    await store.close();
  });

  it('comes back after its connections were cut, and never says that something is saved which is not', async () => {
    const store = await open();
    const admin = new Client({ connectionString: url });
    await admin.connect();
    const calls = Array.from({ length: 200 }, () => aNewCall());
    const saves = calls.map((each) => store.repository.save({ calls: [each] }));
    await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
    );
    const results = await Promise.allSettled(saves);
    await eventually(
      () =>
        store.repository.save({ calls: [aNewCall()] }).then(
          () => true,
          () => undefined,
        ),
      () => 'saves do not work again',
    );
    for (const [index, { status }] of results.entries()) {
      const id = calls[index]?.call.callId ?? '';
      const found = await store.repository.find(id);
      if (status === 'fulfilled') expect(found).toBeDefined();
      expect(await store.repository.eventsOf(id)).toHaveLength(found ? 1 : 0);
    }
    await admin.end();
    await store.close();
  });
});
