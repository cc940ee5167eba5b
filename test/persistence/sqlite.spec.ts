import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VersionConflict } from '../../src/calls/application/call-repository.js';
import { SqliteCallRepository } from '../../src/persistence/sqlite/sqlite-call-repository.js';
import { SqliteChannelLeases } from '../../src/persistence/sqlite/sqlite-channel-leases.js';
import { SqliteImrnRepository } from '../../src/persistence/sqlite/sqlite-imrn-repository.js';
import { SqliteRegistrationStore } from '../../src/persistence/sqlite/sqlite-registration-store.js';
import { SqliteStoreHealth } from '../../src/persistence/sqlite/sqlite-store-health.js';
import { SqliteStore } from '../../src/persistence/sqlite/sqlite-store.js';
import { describeCallRepository } from '../contracts/call-repository.contract.js';
import { describeChannelLeases } from '../contracts/channel-leases.contract.js';
import { describeImrnRepository } from '../contracts/imrn-repository.contract.js';
import { after, aNewCall } from '../support/some-calls.js';

describe('the embedded store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describeCallRepository(async () => {
    const store = await SqliteStore.open(folder);
    return {
      repository: new SqliteCallRepository(store),
      registrations: new SqliteRegistrationStore(store),
      health: new SqliteStoreHealth(store),
      close: () => store.close(),
    };
  });

  describe('as a store of leases', () => {
    describeImrnRepository(async () => {
      const store = await SqliteStore.open(folder);
      return { repository: new SqliteImrnRepository(store), close: () => store.close() };
    });
  });

  describe('as a store of who listens to a switch', () => {
    describeChannelLeases(async () => {
      const store = await SqliteStore.open(folder);
      return { leases: new SqliteChannelLeases(store), close: () => store.close() };
    });
  });

  it('lets nobody but the user of the process read its files', async () => {
    const own = join(folder, 'own');
    const store = await SqliteStore.open(own);
    await new SqliteCallRepository(store).save({ calls: [aNewCall()] });
    const modes = readdirSync(own).map((name) => [name, statSync(join(own, name)).mode & 0o777]);
    expect(modes).toHaveLength(3);
    expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([]);
    await store.close();
  });

  it('looks into the file again after a conflict with another process', async () => {
    const shared = join(folder, 'two-processes');
    const stores = [await SqliteStore.open(shared), await SqliteStore.open(shared)] as const;
    const one = new SqliteCallRepository(stores[0]);
    const begun = aNewCall();
    await one.save({ calls: [begun] });
    const two = new SqliteCallRepository(stores[1]);
    const answered = after(begun.call, 'answered');
    await one.save({ calls: [answered] });
    await expect(two.save({ calls: [after(begun.call, 'released')] })).rejects.toThrow(VersionConflict);
    expect(await two.find(begun.call.callId)).toEqual(answered.call);
    await two.save({ calls: [after(answered.call, 'released')] });
    expect((await two.find(begun.call.callId))?.state).toBe('Released');
    await Promise.all(stores.map((store) => store.close()));
  });

  it('gives who listens to a switch to one of two processes, whoever asks first', async () => {
    const stores = [await SqliteStore.open(folder), await SqliteStore.open(folder)];
    try {
      const [one, two] = stores.map((store) => new SqliteChannelLeases(store));
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
});
