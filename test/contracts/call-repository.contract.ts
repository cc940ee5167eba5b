import {
  CallRepository,
  StoreUnavailable,
  VersionConflict,
} from '../../src/calls/application/call-repository.js';
import type { StoreHealth } from '../../src/calls/application/store-health.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { RegistrationStore, StoredBinding } from '../../src/engines/sip/phones/registration-store.js';
import { after, aNewCall } from '../support/some-calls.js';
import { describeSessions } from './sessions.contract.js';

export interface OpenStore {
  repository: CallRepository;
  registrations: RegistrationStore;
  health: StoreHealth;
  close(): Promise<void>;
}

/** What every store must do. `open` opens the same, at first empty, data each time. */
export function describeCallRepository(open: () => Promise<OpenStore>): void {
  let store: OpenStore;
  let repository: CallRepository;

  beforeAll(async () => {
    store = await open();
    ({ repository } = store);
  });
  afterAll(() => store.close());

  describeSessions(() => repository);

  async function saved(userId?: string): Promise<Call> {
    const { call, fact } = aNewCall(userId);
    await repository.save({ calls: [{ call, fact }] });
    return call;
  }

  it('says that it is there, until it is closed', async () => {
    const another = await open();
    await another.health.check();
    await another.close();
    await expect(another.health.check()).rejects.toThrow(StoreUnavailable);
  });

  it('reads back what was saved, and nothing for an unknown id', async () => {
    const { call, fact } = aNewCall();
    await repository.save({ calls: [{ call, fact }] });
    expect(await repository.find(call.callId)).toEqual(call);
    expect(await repository.find('callhalf-0:0')).toBeUndefined();
    expect(await repository.eventsOf(call.callId)).toMatchObject([
      { callId: call.callId, version: 1, state: 'Alerting', fact },
    ]);
  });

  it('keeps an event of each version, in order', async () => {
    let call = await saved();
    for (const kind of ['answered', 'held', 'reconnected', 'released'] as const) {
      const next = after(call, kind);
      await repository.save({ calls: [next] });
      call = next.call;
    }
    expect(await repository.find(call.callId)).toEqual(call);
    const events = await repository.eventsOf(call.callId);
    expect(events.map(({ version, state }) => [version, state])).toEqual([
      [1, 'Alerting'],
      [2, 'Active'],
      [3, 'Held'],
      [4, 'Active'],
      [5, 'Released'],
    ]);
    const sequences = events.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  });

  it('refuses a version that is not the next, and writes nothing then', async () => {
    const call = await saved();
    const answered = after(call, 'answered');
    await repository.save({ calls: [answered] });
    await expect(repository.save({ calls: [after(call, 'released')] })).rejects.toThrow(VersionConflict);
    expect(await repository.find(call.callId)).toEqual(answered.call);
    expect(await repository.eventsOf(call.callId)).toHaveLength(2);
  });

  it('refuses an id that is there already, and a version of a call that is not', async () => {
    const { call, fact } = aNewCall();
    await repository.save({ calls: [{ call, fact }] });
    await expect(repository.save({ calls: [{ call, fact }] })).rejects.toThrow(VersionConflict);
    await expect(repository.save({ calls: [after(aNewCall().call, 'answered')] })).rejects.toThrow(
      VersionConflict,
    );
  });

  it('names in the conflict what somebody else has changed', async () => {
    const first = aNewCall();
    const sessionId = first.call.externalTrackingId;
    const second = aNewCall('baruser', sessionId);
    await repository.save({ calls: [second], sessions: [{ sessionId, version: 1, state: '1' }] });
    await expect(repository.save({ calls: [first, second] })).rejects.toMatchObject({
      id: second.call.callId,
    });
    const session = { sessionId, version: 1, state: '1' };
    await expect(repository.save({ calls: [first], sessions: [session] })).rejects.toMatchObject({
      id: sessionId,
    });
    expect(await repository.find(first.call.callId)).toBeUndefined();
  });

  it('never finds a version of a call that is older than one in a list, also before the save resolves', async () => {
    const call = await saved('hasty');
    const saving = repository.save({ calls: [after(call, 'answered')] });
    const deadline = performance.now() + 5_000;
    let listed: Call | undefined;
    while (listed?.version !== 2 && performance.now() < deadline)
      [listed] = await repository.listOngoing(call.owner);
    expect(listed?.version).toBe(2);
    expect(await repository.find(call.callId)).toEqual(listed);
    await saving;
    expect(await repository.find(call.callId)).toEqual(listed);
  });

  it('numbers the events of all calls in the order in which they were stored', async () => {
    const [first, second] = [aNewCall(), aNewCall()];
    await repository.save({ calls: [first] });
    await repository.save({ calls: [second] });
    await repository.save({ calls: [after(first.call, 'answered')] });
    const [begun, answered] = await repository.eventsOf(first.call.callId);
    const [other] = await repository.eventsOf(second.call.callId);
    const sequences = [begun, other, answered].map((event) => event?.sequence ?? 0);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    expect(new Set(sequences).size).toBe(3);
  });

  it('keeps any text as it is', async () => {
    const { call, fact } = aNewCall("o'user; DROP TABLE calls --");
    call.remoteParty.address = '"\\ \u0000 \ud800 {},NULL é 電話 😀';
    await repository.save({ calls: [{ call, fact }] });
    expect(await repository.find(call.callId)).toEqual(call);
    expect(await repository.listOngoing(call.owner)).toEqual([call]);
  });

  it('applies changes of the same call that are saved at once in their order', async () => {
    const { call, fact } = aNewCall();
    const answered = after(call, 'answered');
    const held = after(answered.call, 'held');
    const released = after(held.call, 'released');
    await Promise.all(
      [{ call, fact }, answered, held, released].map((each) => repository.save({ calls: [each] })),
    );
    expect(await repository.find(call.callId)).toEqual(released.call);
  });

  it('lets one failing save among many at once fail alone', async () => {
    const call = await saved();
    const others = Array.from({ length: 63 }, () => aNewCall());
    const stale = { ...after(call, 'answered') };
    stale.call = { ...stale.call, version: 7 };
    const saves = others.map((each) => repository.save({ calls: [each] }));
    saves.splice(30, 0, repository.save({ calls: [stale] }));
    const results = await Promise.allSettled(saves);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(results[30]).toMatchObject({ status: 'rejected', reason: expect.any(VersionConflict) });
    const found = await Promise.all(others.map((each) => repository.find(each.call.callId)));
    expect(found).toEqual(others.map((each) => each.call));
  });

  it('lists the ongoing calls of one user, the oldest first', async () => {
    const owner = { tenantId: 'foo', groupId: 'foogroup', userId: 'lister' };
    expect(await repository.listOngoing(owner)).toEqual([]);
    const [first, second, third] = [await saved('lister'), await saved('lister'), await saved('lister')];
    await saved('somebody');
    await repository.save({ calls: [after(second, 'released')] });
    expect(await repository.listOngoing(owner)).toEqual([first, third]);
    expect(await repository.listOngoing({ ...owner, groupId: 'other' })).toEqual([]);
    expect((await repository.find(second.callId))?.state).toBe('Released');
  });

  it('gives a starting process all that goes on', async () => {
    const ongoing = await saved();
    const ended = await saved();
    await repository.save({ calls: [after(ended, 'released')] });
    const sessionId = ongoing.externalTrackingId;
    await repository.save({ calls: [], sessions: [{ sessionId, version: 1, state: '{}' }] });
    const { calls, sessions } = await repository.loadOngoing();
    expect(calls).toContainEqual(ongoing);
    expect(calls.map(({ callId }) => callId)).not.toContain(ended.callId);
    expect(sessions).toContainEqual({ sessionId, version: 1, state: '{}' });
  });

  it('keeps bindings of phones, replaces and removes them', async () => {
    const binding: StoredBinding = {
      addressOfRecord: 'LP_foouser@sip.example.test',
      contact: 'sip:foo@127.0.0.1:5070',
      q: 1,
      callId: 'c',
      cseq: 1,
      target: { transport: 'udp', host: '127.0.0.1', port: 5070 },
      expiresAt: Date.now() + 60_000,
    };
    const other = { ...binding, contact: 'sip:foo@127.0.0.1:5071' };
    const { registrations } = store;
    await Promise.all([registrations.save(binding), registrations.save(other)]);
    await registrations.save({ ...binding, cseq: 2 });
    await registrations.remove(other.addressOfRecord, other.contact);
    expect(await registrations.load()).toEqual([{ ...binding, cseq: 2 }]);
    const refreshes = Array.from({ length: 40 }, (_, index) => ({ ...binding, cseq: 3 + index }));
    await Promise.all(refreshes.map((each) => registrations.save(each)));
    expect(await registrations.load()).toEqual([refreshes.at(-1)]);
    await Promise.all([
      registrations.save(binding),
      registrations.remove(binding.addressOfRecord, binding.contact),
    ]);
    expect(await registrations.load()).toEqual([]);
  });

  it('writes what waits before it closes, has it when it opens again, and takes nothing in between', async () => {
    const waiting = Array.from({ length: 50 }, () => aNewCall());
    const saves = waiting.map((each) => repository.save({ calls: [each] }));
    await store.close();
    await Promise.all(saves);
    await expect(repository.save({ calls: [aNewCall()] })).rejects.toThrow(StoreUnavailable);
    await expect(repository.loadOngoing()).rejects.toThrow(StoreUnavailable);
    store = await open();
    ({ repository } = store);
    const found = await Promise.all(waiting.map((each) => repository.find(each.call.callId)));
    expect(found).toEqual(waiting.map((each) => each.call));
  });
}
