import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineStep } from '../../src/calls/application/call-engine.js';
import { CallJournal } from '../../src/calls/application/call-journal.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { CallBegan } from '../../src/calls/domain/call-fact.js';
import { SqliteCallRepository } from '../../src/persistence/sqlite/sqlite-call-repository.js';
import { SqliteStoreHealth } from '../../src/persistence/sqlite/sqlite-store-health.js';
import { SqliteStore } from '../../src/persistence/sqlite/sqlite-store.js';
import { aFact, aNewCall, type LaterKind } from '../support/some-calls.js';

const folder = mkdtempSync(join(tmpdir(), 'journal-'));
let store: SqliteStore;
let repository: SqliteCallRepository;
let journal: CallJournal;

beforeAll(async () => {
  store = await SqliteStore.open(folder);
  repository = new SqliteCallRepository(store);
});
beforeEach(() => {
  journal = new CallJournal(repository, new SqliteStoreHealth(store));
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A session with calls of these users, all answered. */
async function session(...userIds: string[]): Promise<{ sessionId: string; callIds: string[] }> {
  const first = aNewCall(userIds[0]).fact as CallBegan;
  const sessionId = first.externalTrackingId;
  const began = userIds.map((userId) => aNewCall(userId, sessionId).fact);
  await journal.open({ sessionId, state: '"begun"', facts: began });
  const callIds = began.map(({ callId }) => callId);
  await journal.record({
    sessionId,
    state: '"talking"',
    facts: callIds.map((callId) => aFact('answered', callId)),
  });
  return { sessionId, callIds };
}

/** A call that the switch leads, answered. */
async function ofTheSwitch() {
  const began = aNewCall().fact as CallBegan;
  const sessionId = began.externalTrackingId;
  await journal.record({ sessionId, facts: [began] });
  await journal.record({ sessionId, facts: [aFact('answered', began.callId)] });
  return { sessionId, callId: began.callId, began };
}

/** foouser has called baruser, then bazuser: bazuser's call moves into the first session, both of foouser's end. */
async function consulted() {
  const [first, second] = [await session('foouser', 'baruser'), await session('foouser', 'bazuser')];
  const [foo1 = '', bar = ''] = first.callIds;
  const [foo2 = '', baz = ''] = second.callIds;
  const joined: EngineStep = {
    sessionId: first.sessionId,
    absorbed: second.sessionId,
    state: '"joined"',
    facts: [
      aFact('released', foo1),
      aFact('released', foo2),
      aFact('transferred', bar),
      moved(baz, first.sessionId),
    ],
  };
  return { first, second, joined, foo1, foo2, bar, baz };
}

function moved(callId: string, externalTrackingId: string) {
  return { ...aFact('transferred', callId), externalTrackingId } as EngineStep['facts'][number];
}

const one = (sessionId: string, callId: string, kind: LaterKind): EngineStep => ({
  sessionId,
  state: `"${kind}"`,
  facts: [aFact(kind, callId)],
});

const find = async (callId: string) => (await repository.find(callId)) as Call;
const statesOf = async (callId: string) => (await repository.eventsOf(callId)).map(({ state }) => state);
const stateOf = async (sessionId: string) => (await repository.findSession(sessionId))?.state;

describe('a session that takes another one in', () => {
  it('has its calls from then on, and is the only one left', async () => {
    const { first, second, joined, foo1, foo2, bar, baz } = await consulted();
    await journal.record(joined);
    expect(await stateOf(first.sessionId)).toBe('"joined"');
    expect(await stateOf(second.sessionId)).toBeUndefined();
    expect((await find(foo1)).state).toBe('Released');
    expect((await find(foo2)).state).toBe('Released');
    expect(await find(bar)).toMatchObject({ state: 'Active', externalTrackingId: first.sessionId });
    expect(await find(baz)).toMatchObject({ state: 'Active', externalTrackingId: first.sessionId });
  });

  it('goes on with the call that has moved, to the end of both', async () => {
    const { first, joined, bar, baz } = await consulted();
    await journal.record(joined);
    await journal.record(one(first.sessionId, baz, 'held'));
    expect((await find(baz)).state).toBe('Held');
    const ends = [aFact('released', bar), aFact('released', baz)];
    await journal.record({ sessionId: first.sessionId, state: null, facts: ends });
    expect(await statesOf(baz)).toEqual(['Alerting', 'Active', 'Active', 'Held', 'Released']);
    expect(await stateOf(first.sessionId)).toBeUndefined();
  });

  it('carries on in a process that finds it in the store', async () => {
    const { first, joined, baz } = await consulted();
    await journal.record(joined);
    const next = new CallJournal(repository, new SqliteStoreHealth(store));
    next.adopt(await repository.loadOngoing());
    await next.record(one(first.sessionId, baz, 'held'));
    expect((await find(baz)).state).toBe('Held');
    expect(await stateOf(first.sessionId)).toBe('"held"');
  });

  it.each(['first', 'second'] as const)(
    'is tried again from what is stored when another process has changed the %s one',
    async (which) => {
      const { joined, bar, baz, ...sessions } = await consulted();
      const other = new CallJournal(repository, new SqliteStoreHealth(store));
      other.adopt(await repository.loadOngoing());
      await other.record(one(sessions[which].sessionId, which === 'first' ? bar : baz, 'held'));
      await journal.record(joined);
      expect((await find(bar)).state).toBe(which === 'first' ? 'Held' : 'Active');
      expect((await find(baz)).state).toBe(which === 'second' ? 'Held' : 'Active');
      expect(await stateOf(sessions.first.sessionId)).toBe('"joined"');
      expect(await stateOf(sessions.second.sessionId)).toBeUndefined();
    },
  );

  it('has nothing to end where the other has no state of its own', async () => {
    const { first, second, joined, baz } = await consulted();
    await journal.record({ sessionId: second.sessionId, state: null, facts: [] });
    await journal.record(joined);
    expect(await find(baz)).toMatchObject({ externalTrackingId: first.sessionId });
  });
});

describe('a session without a state of its own', () => {
  it('is stored, and nobody waits for its end', async () => {
    const { callId } = await ofTheSwitch();
    expect((await find(callId)).state).toBe('Active');
    expect(journal.ongoing).toBe(0);
    expect(journal.busy).toBe(false);
  });

  it('is nothing that a process takes over when it starts', async () => {
    await ofTheSwitch();
    const { sessionId } = await session('foouser');
    const { calls, sessions } = await repository.loadOngoing();
    const next = new CallJournal(repository, new SqliteStoreHealth(store));
    next.adopt({ calls, sessions: sessions.filter((each) => each.sessionId === sessionId) });
    expect(next.ongoing).toBe(1);
  });

  it('is carried on by whichever process hears of it', async () => {
    const { sessionId, callId } = await ofTheSwitch();
    const other = new CallJournal(repository, new SqliteStoreHealth(store));
    await other.record({ sessionId, facts: [aFact('held', callId)] });
    await journal.record({ sessionId, facts: [aFact('reconnected', callId)] });
    await other.record({ sessionId, facts: [aFact('released', callId)] });
    expect(await statesOf(callId)).toEqual(['Alerting', 'Active', 'Held', 'Active', 'Released']);
  });

  it('takes what has happened already, and what cannot happen, without a word', async () => {
    const { sessionId, callId, began } = await ofTheSwitch();
    const other = new CallJournal(repository, new SqliteStoreHealth(store));
    await Promise.all(
      [journal, other].flatMap((each) => [
        each.record({ sessionId, facts: [began] }),
        each.record({ sessionId, facts: [aFact('answered', callId)] }),
        each.record({ sessionId, facts: [aFact('held', callId)] }),
        each.record({ sessionId, facts: [aFact('remoteReconnected', callId)] }),
      ]),
    );
    expect(await statesOf(callId)).toEqual(['Alerting', 'Active', 'Held']);
  });

  it('may hand its call on to another one', async () => {
    const { sessionId, callId } = await ofTheSwitch();
    const another = await ofTheSwitch();
    await journal.record({ sessionId, facts: [moved(callId, another.sessionId)] });
    expect(await find(callId)).toMatchObject({ state: 'Active', externalTrackingId: another.sessionId });
    expect(journal.ongoing).toBe(0);
    await journal.record({ sessionId: another.sessionId, facts: [aFact('held', callId)] });
    expect((await find(callId)).state).toBe('Held');
  });
});

describe('steps of two sessions', () => {
  it('are stored in their order with the steps of either before and after', async () => {
    const { first, second, joined, bar, baz } = await consulted();
    await Promise.all([
      journal.record(one(first.sessionId, bar, 'held')),
      journal.record(one(first.sessionId, bar, 'remoteHeld')),
      journal.record(one(second.sessionId, baz, 'held')),
      journal.record(joined),
      // Late: it must not come before the step that ends its session.
      journal.record({ sessionId: second.sessionId, facts: [aFact('reconnected', baz)] }),
      journal.record(one(first.sessionId, baz, 'remoteHeld')),
    ]);
    expect(await statesOf(bar)).toEqual(['Alerting', 'Active', 'Held', 'Both Held', 'Held']);
    expect(await statesOf(baz)).toEqual(['Alerting', 'Active', 'Held', 'Held', 'Both Held']);
    expect(await stateOf(first.sessionId)).toBe('"remoteHeld"');
  });

  it('never wait for each other in a circle', async () => {
    const pairs = await Promise.all(Array.from({ length: 20 }, consulted));
    await Promise.all(
      pairs.flatMap(({ first, second, joined, bar }) => [
        journal.record(one(first.sessionId, bar, 'held')),
        journal.record(joined),
        journal.record({ sessionId: second.sessionId, absorbed: first.sessionId, facts: [] }),
        journal.record(one(first.sessionId, bar, 'released')),
      ]),
    );
    for (const { bar } of pairs) expect((await find(bar)).state).toBe('Released');
  });

  it('of several users who begin calls at once give each the lowest free line', async () => {
    const users = ['ann', 'ben', 'cem'];
    const steps = Array.from({ length: 12 }, (_, index) => {
      const pair = [users[index % 3], users[(index + 1) % 3]] as const;
      const first = aNewCall(pair[index % 2]).fact as CallBegan;
      const { fact: second } = aNewCall(pair[(index + 1) % 2], first.externalTrackingId);
      return { sessionId: first.externalTrackingId, state: '{}', facts: [first, second] };
    });
    await Promise.all(steps.map((step) => journal.open(step)));
    for (const userId of users) {
      const calls = await repository.listOngoing({ tenantId: 'foo', groupId: 'foogroup', userId });
      expect(calls.map(({ appearance }) => appearance).toSorted((a, b) => a - b)).toEqual([
        1, 2, 3, 4, 5, 6, 7, 8,
      ]);
    }
  });
});
