import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyFact, beginCall } from '../../src/calls/domain/call-lifecycle.js';
import { SqliteCallRepository } from '../../src/persistence/sqlite/sqlite-call-repository.js';
import { SqliteStore } from '../../src/persistence/sqlite/sqlite-store.js';

const owner = { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' };
const dialed = {
  kind: 'dialed' as const,
  callId: 'callhalf-1:0',
  at: 1,
  owner,
  externalTrackingId: '7c9a4f3e-3f0e-4c43-9d69-6f3f4f7c9a01',
  remoteParty: { address: '+3212345678', callType: 'Unknown' as const },
  endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
};

let folder: string;
let store: SqliteStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshot-'));
  store = await SqliteStore.open(folder);
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

test('a read right after an answered save sees it, also when reads just before it took a snapshot', async () => {
  const repository = new SqliteCallRepository(store);
  let call = beginCall(dialed, 1);
  await repository.save({ calls: [{ call, fact: dialed }] });
  // Timers come before the writer's message in a turn of the event loop: the snapshot is older than the commit.
  const reading = setInterval(() => {
    void repository.find(call.callId);
    const until = performance.now() + 3;
    while (performance.now() < until);
  }, 0);
  try {
    for (let change = 0; change < 50; change++) {
      const fact = { kind: 'remoteRinging' as const, callId: call.callId, at: change };
      const next = applyFact(call, fact);
      if (!next) throw new Error('the table does not list the fact');
      await repository.save({ calls: [{ call: next, fact }] });
      expect((await repository.find(call.callId))?.version).toBe(next.version);
      call = next;
    }
  } finally {
    clearInterval(reading);
  }
});

test('the store can be closed right after a read', async () => {
  const other = await SqliteStore.open(folder);
  await new SqliteCallRepository(other).find('callhalf-1:0');
  await expect(other.close()).resolves.toBeUndefined();
});
