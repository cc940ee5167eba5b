import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { CallJournal } from '../../src/calls/application/call-journal.js';
import { StoreUnavailable } from '../../src/calls/application/call-repository.js';
import type { CallBegan } from '../../src/calls/domain/call-fact.js';
import { SqliteCallRepository } from '../../src/persistence/sqlite/sqlite-call-repository.js';
import { SqliteStore } from '../../src/persistence/sqlite/sqlite-store.js';
import { aFact, aNewCall, type LaterKind } from '../support/some-calls.js';
import { StoreWithOutages } from '../support/store-with-outages.js';
import { eventually } from '../support/wait.js';

const folder = mkdtempSync(join(tmpdir(), 'outages-'));
const errors: string[] = [];
const quiet = () => undefined;
let file: SqliteStore;
let store: StoreWithOutages;
let journal: CallJournal;

beforeAll(async () => {
  file = await SqliteStore.open(folder);
  Logger.overrideLogger({ log: quiet, warn: quiet, error: (message: string) => errors.push(message) });
});
beforeEach(() => {
  store = new StoreWithOutages(new SqliteCallRepository(file));
  journal = new CallJournal(store, store.health);
  errors.length = 0;
});
afterAll(async () => {
  await file.close();
  rmSync(folder, { recursive: true, force: true });
});

function aBeginning(userId = 'foouser') {
  const fact = aNewCall(userId).fact as CallBegan;
  return { callId: fact.callId, sessionId: fact.externalTrackingId, state: '"begun"', facts: [fact] };
}

/** A stored call that is up. */
async function talking(userId?: string) {
  const { callId, ...begun } = aBeginning(userId);
  await journal.open(begun);
  await journal.record({ ...begun, state: '"talking"', facts: [aFact('answered', callId)] });
  return { callId, sessionId: begun.sessionId };
}
type Talking = Awaited<ReturnType<typeof talking>>;

const happens = ({ sessionId, callId }: Talking, kind: LaterKind, state: string | null = `"${kind}"`) =>
  journal.record({ sessionId, state, facts: [aFact(kind, callId)] });
const kindsOf = async (callId: string) => (await store.eventsOf(callId)).map(({ fact }) => fact.kind);
const stateOf = async (sessionId: string) => (await store.findSession(sessionId))?.state;
const allStored = () =>
  eventually(
    () => journal.waiting === 0 || undefined,
    () => `${journal.waiting} steps still wait`,
  );

describe('while the store is away', () => {
  it('what happens is kept, and is stored in order, each once, when it is back', async () => {
    const [one, other] = [await talking(), await talking('baruser')];
    store.away = true;
    const steps = [
      happens(one, 'held'),
      happens(other, 'remoteHeld'),
      happens(one, 'reconnected'),
      happens(one, 'released', null),
    ];
    await delay(300);
    expect(journal.waiting).toBe(4);
    expect(journal.away).toBe(true);
    store.away = false;
    await Promise.all(steps);
    expect(journal.away).toBe(false);
    expect(await kindsOf(one.callId)).toEqual(['dialed', 'answered', 'held', 'reconnected', 'released']);
    expect(await kindsOf(other.callId)).toEqual(['dialed', 'answered', 'remoteHeld']);
    expect(await stateOf(one.sessionId)).toBeUndefined();
    expect(await stateOf(other.sessionId)).toBe('"remoteHeld"');
  });

  it('a session begins not at all, at once, and nothing is left of it', async () => {
    store.away = true;
    const { callId, ...beginning } = aBeginning();
    await expect(journal.open(beginning)).rejects.toThrow(StoreUnavailable);
    expect(journal.waiting).toBe(0);
    store.away = false;
    expect(await store.find(callId)).toBeUndefined();
  });

  it('a session that waits begins nothing more, such as a transfer', async () => {
    const call = await talking();
    store.away = true;
    const held = happens(call, 'held');
    await delay(20);
    const { facts } = aBeginning('baruser');
    await expect(journal.open({ sessionId: call.sessionId, state: '"ringing"', facts })).rejects.toThrow(
      'earlier steps of the session wait',
    );
    store.away = false;
    await held;
    expect(await stateOf(call.sessionId)).toBe('"held"');
  });

  it('a command is answered in a bounded time, and what it did is stored later', async () => {
    const call = await talking();
    store.away = true;
    const began = Date.now();
    await expect(journal.whileStoring(call.sessionId, happens(call, 'held'))).rejects.toThrow(
      StoreUnavailable,
    );
    expect(Date.now() - began).toBeLessThan(3_000);
    store.away = false;
    await allStored();
    expect((await store.find(call.callId))?.state).toBe('Held');
  });

  it('a session that changes ever again takes the memory of one state', async () => {
    const call = await talking();
    store.away = true;
    void happens(call, 'held');
    for (let change = 1; change <= 10_000; change++)
      void journal.record({ sessionId: call.sessionId, state: `"change ${change}"`, facts: [] });
    expect(journal.waiting).toBe(2);
    void journal.record({
      sessionId: call.sessionId,
      state: '"last"',
      facts: [aFact('reconnected', call.callId)],
    });
    store.away = false;
    await allStored();
    expect(await kindsOf(call.callId)).toEqual(['dialed', 'answered', 'held', 'reconnected']);
    expect(await stateOf(call.sessionId)).toBe('"last"');
  });

  it('a session is crowded when a phone has changed it fifty times', async () => {
    const call = await talking();
    store.away = true;
    for (let pressed = 0; pressed < 25; pressed++) {
      expect(journal.crowded(call.sessionId)).toBe(false);
      void happens(call, 'held');
      void happens(call, 'reconnected');
    }
    expect(journal.crowded(call.sessionId)).toBe(true);
    store.away = false;
    await allStored();
    expect(journal.crowded(call.sessionId)).toBe(false);
    expect(await kindsOf(call.callId)).toHaveLength(52);
  });

  it('one looks after it for all who wait', async () => {
    const calls = await Promise.all(Array.from({ length: 50 }, (_, user) => talking(`user${user}`)));
    store.away = true;
    const before = store.asked;
    const steps = calls.map((call) => happens(call, 'held'));
    await delay(1_000);
    expect(store.asked - before).toBe(calls.length);
    store.away = false;
    await Promise.all(steps);
    expect(store.asked - before).toBe(2 * calls.length);
  });

  it('the process ends after a time of grace, and says what it could not store', async () => {
    const call = await talking();
    store.away = true;
    void happens(call, 'held');
    await journal.close(50);
    expect(errors).toEqual([expect.stringContaining(`${call.callId} held`)]);
  });
});

describe('when the store wrote a change and its answer is lost', () => {
  it('no fact is stored twice, not even one that could happen twice', async () => {
    const call = await talking();
    store.answersLost = 2;
    await happens(call, 'transferred');
    await happens(call, 'transferred');
    expect(await kindsOf(call.callId)).toEqual(['dialed', 'answered', 'transferred', 'transferred']);
    expect(await stateOf(call.sessionId)).toBe('"transferred"');
  });

  it('nor beside one that cannot happen', async () => {
    const call = await talking();
    store.answersLost = 1;
    const facts = [aFact('transferred', call.callId), aFact('released', aNewCall().call.callId)];
    await journal.record({ sessionId: call.sessionId, state: '"joined"', facts });
    expect(await kindsOf(call.callId)).toEqual(['dialed', 'answered', 'transferred']);
  });

  it('a beginning that was refused ends, once', async () => {
    store.answersLost = 1;
    const { callId, ...beginning } = aBeginning();
    await expect(journal.open(beginning)).rejects.toThrow(StoreUnavailable);
    await allStored();
    expect((await store.eventsOf(callId)).map(({ fact }) => fact)).toEqual([
      beginning.facts[0],
      expect.objectContaining({ kind: 'released', cause: 'engineFailure', by: 'system' }),
    ]);
    expect(await stateOf(beginning.sessionId)).toBeUndefined();
  });

  it('a transfer that was refused leaves the call as it was', async () => {
    const call = await talking();
    store.answersLost = 1;
    const { callId, facts } = aBeginning('bazuser');
    const newcomer = { ...facts[0], externalTrackingId: call.sessionId } as CallBegan;
    const begin = { sessionId: call.sessionId, state: '"ringing"', facts: [newcomer] };
    await expect(journal.open(begin)).rejects.toThrow(StoreUnavailable);
    await journal.record({ sessionId: call.sessionId, state: '"as before"', facts: [] });
    await allStored();
    expect((await store.find(callId))?.state).toBe('Released');
    expect((await store.find(call.callId))?.state).toBe('Active');
    expect(await stateOf(call.sessionId)).toBe('"as before"');
  });
});
