import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Accounts, type OnSwitch } from '../../../src/engines/broadworks/accounts.js';
import { AdoptCalls } from '../../../src/engines/broadworks/adopt-calls.js';
import { AskSwitch } from '../../../src/engines/broadworks/ask-switch.js';
import { AtMost } from '../../../src/engines/broadworks/at-most.js';
import { DialOnSwitch } from '../../../src/engines/broadworks/dial-on-switch.js';
import { SyncCalls } from '../../../src/engines/broadworks/sync-calls.js';
import type { SyncUser } from '../../../src/engines/broadworks/sync-user.js';
import { XsiActions } from '../../../src/engines/broadworks/xsi/actions.js';
import { XsiClient } from '../../../src/engines/broadworks/xsi/xsi-client.js';
import { eventually } from '../../support/wait.js';
import { aSeenCall } from './support/seen-calls.js';
import { BAR, directoryOf, FOO, idOf, SwitchScene } from './support/switch-scene.js';
import { xsi } from './xsi/support/scripted-switch.js';

/** So long events may be older than the answer, and a little longer. */
const QUIET_MS = 1_050;
const user = idOf(FOO);
let scene: SwitchScene;
let client: XsiClient;
let stopping: AbortController;
let foo: SyncUser;
let dials: DialOnSwitch;
let owner: OnSwitch;

beforeAll(() => Logger.overrideLogger(false));
beforeEach(async () => {
  scene = await SwitchScene.open();
  client = new XsiClient(scene.played.settings());
  stopping = new AbortController();
  const directory = directoryOf(FOO, BAR);
  const accounts = new Accounts(directory, ['east']);
  accounts.refresh();
  const found = accounts.onSwitch(FOO);
  if (!found) throw new Error('foouser has no account');
  owner = found;
  const actions = () => new XsiActions(client);
  const sync = new SyncCalls(
    {
      repository: scene.store,
      adopt: new AdoptCalls(scene.journal, accounts, directory),
      actions,
      storeAway: () => scene.journal.away,
      limit: new AtMost(2),
      stopping: stopping.signal,
    },
    accounts,
  );
  foo = sync.of(owner);
  dials = new DialOnSwitch(
    new AskSwitch(accounts, scene.store, sync, actions, () => true, 1_000),
    scene.journal,
    sync,
  );
});
afterEach(async () => {
  stopping.abort();
  await client.close();
  await scene.close();
});

/** Resolves when the switch has been asked so many times for all calls. */
const listed = (times: number) =>
  eventually(
    () => scene.played.lists >= times || undefined,
    () => `asked ${scene.played.lists} times`,
  );

describe('What the switch tells unasked', () => {
  it('is stored in its order, whoever has begun the call', async () => {
    const call = { ...aSeenCall(), personality: 'Terminator', remoteAddress: '012 34 56 78' } as const;
    foo.event({ ...call, state: 'Alerting' });
    foo.event({ ...call, state: 'Active' });
    foo.event({ ...call, state: 'Held' });
    foo.event({ ...call, state: 'Released', releasingParty: 'remoteRelease' });
    await scene.becomes(call.callId, 'Released');
    expect(await scene.kinds(call.callId)).toBe('received answered held released');
    expect(await scene.stored(call.callId)).toMatchObject({
      owner: FOO.ref,
      remoteParty: { address: '+3212345678', callType: 'Unknown' },
      endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
    });
    expect(scene.played.asked).toEqual([]);
  });

  it.each([
    ['an account', { remoteUserId: 'BarUser@foo.example' }],
    ['an extension', { remoteAddress: '5601' }],
    ['a number', { remoteAddress: '+3212345601' }],
  ])('of a colleague, named by %s, shows the number', async (_, remote) => {
    foo.event({ ...aSeenCall(remote), callType: 'Group' });
    const { remoteParty } = await scene.becomes(aSeenCall().callId, 'Active');
    expect(remoteParty).toEqual({ address: '+3212345601', callType: 'Group' });
  });

  it('twice has happened once', async () => {
    foo.event(aSeenCall());
    foo.event(aSeenCall());
    foo.event(aSeenCall({ state: 'Held' }));
    foo.event(aSeenCall({ state: 'Held' }));
    await scene.becomes(aSeenCall().callId, 'Held');
    await foo.settled(1_000);
    expect(await scene.kinds(aSeenCall().callId)).toBe('originated answered held');
  });

  it('of a call that has ended does not bring it back', async () => {
    foo.event(aSeenCall());
    foo.event(aSeenCall({ state: 'Released' }));
    foo.event(aSeenCall({ state: 'Held' }));
    await foo.settled(1_000);
    expect(await scene.kinds(aSeenCall().callId)).toBe('originated answered released');
  });

  it('in a snapshot adopts what is there; what is missing is asked for by its id, and ends', async () => {
    const gone = await scene.has(FOO, scene.played.has(user), 'answered');
    scene.played.ends(user, gone.callId);
    const there = scene.played.has(user, { state: 'Held' });
    foo.snapshot([there]);
    await scene.becomes(there.callId, 'Held');
    await scene.becomes(gone.callId, 'Released');
    expect(scene.played.asked).toEqual([`GET ${gone.callId}`]);
  });

  it('in a snapshot from before a call leaves the call alone', async () => {
    const dialed = await scene.has(FOO, scene.played.has(user, { state: 'Alerting' }));
    foo.snapshot([]);
    await foo.settled(1_000);
    expect(await scene.stored(dialed.callId)).toMatchObject({ state: 'Alerting' });
  });

  it('of a new session after a transfer moves the call there, and it goes on', async () => {
    const call = aSeenCall();
    const moved = { ...call, externalTrackingId: '1d9b8a52-2c7e-4f3c-bb07-0c52a9d0e802' };
    foo.event(call);
    foo.event({ ...moved, remoteAddress: '+3299999999', state: 'Remote Held' });
    foo.event({ ...moved, remoteAddress: '+3299999999', state: 'Released' });
    await scene.becomes(call.callId, 'Released');
    expect(await scene.kinds(call.callId)).toBe('originated answered transferred remoteHeld released');
    expect(await scene.stored(call.callId)).toMatchObject({
      externalTrackingId: moved.externalTrackingId,
      remoteParty: { address: '+3299999999' },
    });
  });

  it('of a call id that another user has is nobody’s', async () => {
    const theirs = await scene.has(BAR, aSeenCall(), 'answered');
    foo.event(aSeenCall({ state: 'Released' }));
    await foo.settled(1_000);
    expect(await scene.stored(theirs.callId)).toMatchObject({ state: 'Active', owner: BAR.ref });
  });
});

describe('The switch, asked for all calls of a user', () => {
  it('makes what is stored true: what has begun, what is another way, what has ended', async () => {
    const held = await scene.has(FOO, scene.played.has(user, { state: 'Held' }), 'answered');
    const gone = await scene.has(FOO, aSeenCall(), 'answered');
    const fresh = scene.played.has(user, { state: 'Alerting', personality: 'Terminator' });
    await foo.resync();
    const states = (await scene.ongoing(FOO)).map(({ callId, state }) => [callId, state]);
    expect(new Map(states as [string, string][])).toEqual(
      new Map([
        [held.callId, 'Held'],
        [fresh.callId, 'Alerting'],
      ]),
    );
    expect(await scene.store.eventsOf(gone.callId)).toMatchObject([
      {},
      {},
      { fact: { kind: 'released', cause: 'normal', by: 'system' } },
    ]);
  });

  it('does not end a call that it lists no more because it is detached', async () => {
    const call = scene.played.has(user, { state: 'Detached', answerTime: 5 });
    await scene.has(FOO, call, 'answered');
    await foo.resync();
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Detached' });
  });

  it('does not end a call that was stored while it was asked', async () => {
    let dialed = '';
    scene.played.next({
      request: /^GET $/,
      first: async () => {
        dialed = (await scene.has(FOO, aSeenCall())).callId;
      },
    });
    await foo.resync();
    expect(await scene.stored(dialed)).toMatchObject({ state: 'Alerting' });
  });

  it('does not take back what another process has stored meanwhile, and is asked again', async () => {
    const call = scene.played.has(user);
    await scene.has(FOO, call, 'answered');
    scene.played.next({
      request: new RegExp(`^GET ${call.callId}`),
      first: () => scene.happens(call, 'held'),
    });
    await foo.resync();
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Held' });
    scene.played.has(user, { ...call, state: 'Held' });
    await listed(2);
    expect(await scene.kinds(call.callId)).toBe('originated answered held');
  });

  it('does not bring a call back that has ended', async () => {
    const call = scene.played.has(user);
    await scene.has(FOO, call, 'answered', 'released');
    await foo.resync();
    expect(await scene.kinds(call.callId)).toBe('originated answered released');
  });

  it('is asked once for many who want to know at the same time', async () => {
    scene.played.has(user);
    await Promise.all(Array.from({ length: 20 }, () => foo.resync()));
    expect(scene.played.lists).toBe(1);
    expect(await scene.ongoing(FOO)).toHaveLength(1);
  });

  it('is asked again by the next who wants to know', async () => {
    await foo.resync();
    await foo.resync();
    expect(scene.played.lists).toBe(2);
  });

  it('is asked once more by all who must know what is from now on', async () => {
    const [first, ...later] = [foo.resync(), foo.resyncAnew(), foo.resyncAnew(), foo.resyncAnew()];
    await first;
    await Promise.all(later);
    expect(scene.played.lists).toBe(2);
  });

  it('leaves all as it is where it does not answer', async () => {
    const call = await scene.has(FOO, aSeenCall(), 'answered');
    scene.played.next({ request: /^GET $/, status: 500 });
    scene.played.next({ request: /^GET $/, status: 500 });
    await expect(foo.resync()).rejects.toThrow('The switch answered 500.');
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Active' });
  });
});

describe('What is told right after the switch was asked', () => {
  it('may be older than the answer: the switch is asked again', async () => {
    const call = scene.played.has(user, { state: 'Active' });
    await foo.resync();
    foo.event({ ...call, state: 'Held' });
    await listed(2);
    await delay(100);
    expect(await scene.kinds(call.callId)).toBe('originated answered');
  });

  it('is believed where it is the end of a call', async () => {
    const call = scene.played.has(user, { state: 'Active' });
    await foo.resync();
    foo.event({ ...call, state: 'Released', releaseCause: 'Busy' });
    await foo.settled(1_000);
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Released', releaseCause: 'busy' });
  });

  it('says why a call has ended, also where the switch has lost it in the middle of an answer', async () => {
    const call = scene.played.has(user, { state: 'Active' });
    await scene.has(FOO, call, 'answered');
    const first = () => {
      scene.played.ends(user, call.callId);
      foo.event({ ...call, state: 'Released', releaseCause: 'Busy', releasingParty: 'remoteRelease' });
    };
    scene.played.next({ request: /^GET $/, first });
    await foo.resync();
    await foo.settled(1_000);
    const [, , end] = await scene.store.eventsOf(call.callId);
    expect(end?.fact).toMatchObject({ kind: 'released', cause: 'busy', by: 'remote' });
  });

  it('of a dialled call that was not stored yet is not missed', async () => {
    await foo.resync();
    const ids = { callId: 'callhalf-7:0', externalTrackingId: '1d9b8a52-2c7e-4f3c-bb07-0c52a9d0e807' };
    const body = xsi(
      'CallStartInfo',
      `<callId>${ids.callId}</callId><externalTrackingId>${ids.externalTrackingId}</externalTrackingId>`,
    );
    const first = () => foo.event(aSeenCall({ ...ids, state: 'Released' }));
    scene.played.next({ request: /^POST new/, status: 201, body, first });
    const order = { caller: FOO, callerAddress: '+3212345600', destination: { address: '+3212345601' } };
    expect(await dials.dial(owner, order)).toEqual(ids);
    await scene.becomes(ids.callId, 'Released');
  });

  it('is believed again after a second', async () => {
    const call = scene.played.has(user);
    await scene.has(FOO, call, 'answered');
    await foo.resync();
    await delay(QUIET_MS);
    foo.event({ ...call, state: 'Held' });
    await foo.settled(1_000);
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Held' });
    expect(scene.played.lists).toBe(1);
  });
});

describe('A user in doubt', () => {
  it('is asked for until the switch answers', async () => {
    const call = scene.played.has(user, { state: 'Held' });
    for (let times = 0; times < 3; times++) scene.played.next({ request: /^GET $/, status: 500 });
    foo.doubt();
    expect(foo.inDoubt).toBe(true);
    await scene.becomes(call.callId, 'Held');
    await eventually(
      () => !foo.inDoubt || undefined,
      () => 'still in doubt',
    );
  });

  it('is one when something is told while the store is away, and not all is kept', async () => {
    const call = scene.played.has(user, { state: 'Active' });
    scene.store.away = true;
    foo.event({ ...call, state: 'Alerting' });
    foo.event({ ...call, state: 'Active' });
    await delay(100);
    expect(foo.inDoubt).toBe(true);
    scene.store.away = false;
    await scene.becomes(call.callId, 'Active');
  });
});
