import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { CallRepository, VersionConflict } from '../../src/calls/application/call-repository.js';
import { PostgresCallRepository } from '../../src/persistence/postgres/postgres-call-repository.js';
import { PostgresRegistrationStore } from '../../src/persistence/postgres/postgres-registration-store.js';
import { PostgresStore } from '../../src/persistence/postgres/postgres-store.js';
import { describeCallRepository } from '../contracts/call-repository.contract.js';
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
      close: () => store.close(),
    };
  }

  describe('as a store of calls', () => {
    describeCallRepository(() => open());
  });

  describe('with two replicas', () => {
    it('is migrated by both at once', async () => {
      const fresh = await server.database('migrated_twice');
      const replicas = await Promise.all([open(fresh), open(fresh), open(fresh)]);
      const created = aNewCall();
      await replicas[0]?.repository.save({ calls: [created] });
      expect(await replicas[2]?.repository.find(created.call.callId)).toEqual(created.call);
      await Promise.all(replicas.map((replica) => replica.close()));
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
