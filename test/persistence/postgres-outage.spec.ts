import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailable } from '../../src/calls/application/call-repository.js';
import { PostgresCallRepository } from '../../src/persistence/postgres/postgres-call-repository.js';
import { PostgresStoreHealth } from '../../src/persistence/postgres/postgres-store-health.js';
import { PostgresStore } from '../../src/persistence/postgres/postgres-store.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { aNewCall } from '../support/some-calls.js';
import { startTcpRelay, type TcpRelay } from '../support/tcp-relay.js';
import { eventually } from '../support/wait.js';

const TIMEOUT_MS = 300;

describe('PostgreSQL that is away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'outage-'));
  let server: Postgres;
  let url: string;
  let relay: TcpRelay;
  let store: PostgresStore;
  let repository: PostgresCallRepository;

  beforeAll(async () => {
    server = await startPostgres(join(folder, 'data'));
    url = await server.database('outage');
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    relay = await startTcpRelay(server.port);
    store = await PostgresStore.open(url.replace(`:${server.port}/`, `:${relay.port}/`), TIMEOUT_MS);
    repository = new PostgresCallRepository(store);
  });
  afterEach(async () => {
    await store.close();
    await relay.stop();
  });

  const unavailable = expect.any(StoreUnavailable);

  it('is given up when it does not answer, and used again when it does', async () => {
    relay.silence();
    const reading = repository.find('callhalf-1:0').catch((error: unknown) => error);
    const refused = await outcomes(
      Array.from({ length: 300 }, () => repository.save({ calls: [aNewCall()] })),
    );
    expect(refused).toEqual(Array.from(refused, () => unavailable));
    expect(await reading).toEqual(unavailable);

    relay.speak();
    const { call, fact } = aNewCall();
    await eventually(
      () =>
        repository
          .save({ calls: [{ call, fact }] })
          .then(() => true)
          .catch(() => undefined),
      () => 'saves do not work again',
    );
    expect(await repository.find(call.callId)).toEqual(call);
  });

  it('is answered for at once while there is no connection', async () => {
    await relay.stop();
    await eventually(
      () =>
        repository
          .save({ calls: [aNewCall()] })
          .then(() => undefined)
          .catch(() => true),
      () => 'the loss is not noticed',
    );
    expect(await outcomes([repository.save({ calls: [aNewCall()] })])).toEqual([unavailable]);
    await expect(repository.find('callhalf-1:0')).rejects.toThrow(StoreUnavailable);
  });

  it('does not keep the service from ending: every save that waits is answered', async () => {
    const saves = outcomes(Array.from({ length: 1_000 }, () => repository.save({ calls: [aNewCall()] })));
    relay.silence();
    await store.close();
    const answers = await saves;
    expect(answers.at(-1)).toEqual(unavailable);
    store = await PostgresStore.open(url, TIMEOUT_MS);
  });

  it('lets no more than 50,000 saves wait', async () => {
    relay.silence();
    const saves = Array.from({ length: 50_001 }, () => ({ calls: [aNewCall()] })).map((change) =>
      repository.save(change),
    );
    await expect(saves.pop()).rejects.toThrow('too many saves are waiting');
    expect(new Set((await outcomes(saves)).map(String))).toEqual(
      new Set(['Error: Query read timeout', 'Error: no connection to the database']),
    );
  });

  it('is known to be away, within about a second', async () => {
    const health = new PostgresStoreHealth(store);
    await health.check();
    relay.silence();
    const began = Date.now();
    await expect(health.check()).rejects.toThrow(StoreUnavailable);
    expect(Date.now() - began).toBeLessThan(4_000);
    relay.speak();
    await eventually(
      () =>
        health.check().then(
          () => true,
          () => undefined,
        ),
      () => 'it is not known to be back',
    );
    await relay.stop();
    await eventually(
      () =>
        health.check().then(
          () => undefined,
          () => true,
        ),
      () => 'the loss is not noticed',
    );
  });

  it('says of a change that was sent that nobody knows, and of one that was not that it is not written', async () => {
    relay.silence();
    const sent = repository.save({ calls: [aNewCall()] });
    await expect(sent).rejects.toMatchObject({ maybeWritten: true });
    await relay.stop();
    await eventually(
      async () => {
        const [outcome] = await outcomes([repository.save({ calls: [aNewCall()] })]);
        return (outcome as StoreUnavailable).maybeWritten ? undefined : true;
      },
      () => 'the loss is not noticed',
    );
  });

  it.each(['fast', 'killed'] as const)(
    'is unavailable, and nothing else, when the server goes (%s)',
    async (how) => {
      const own = await PostgresStore.open(url);
      const direct = new PostgresCallRepository(own);
      const all: Promise<unknown>[] = [];
      const timer = setInterval(() => {
        all.push(direct.find('callhalf-1:0'), direct.save({ calls: [aNewCall()] }));
      }, 2);
      await delay(300);
      await server.pause(how);
      await delay(300);
      await server.resume();
      await eventually(
        () =>
          direct.save({ calls: [aNewCall()] }).then(
            () => true,
            () => undefined,
          ),
        () => 'it is not used again',
      );
      clearInterval(timer);
      const failed = (await outcomes(all)).filter((outcome) => outcome !== undefined);
      await own.close();
      expect(failed.length).toBeGreaterThan(10);
      expect(failed.filter((outcome) => !(outcome instanceof StoreUnavailable))).toEqual([]);
    },
    30_000,
  );

  it('stops the start with what is wrong, and leaves nothing behind', async () => {
    await expect(PostgresStore.open('postgres://postgres:wrong@127.0.0.1:1/none', 200)).rejects.toThrow(
      'ECONNREFUSED',
    );
  });
});

/** What each save was refused with; undefined for those that were written. */
async function outcomes(saves: Promise<unknown>[]): Promise<unknown[]> {
  const results = await Promise.allSettled(saves);
  return results.map((result) => (result.status === 'rejected' ? (result.reason as unknown) : undefined));
}
