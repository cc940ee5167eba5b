import { Logger } from '@nestjs/common';
import type { SyncUser } from '../../../src/engines/broadworks/sync-user.js';
import { aSeenCall } from './support/seen-calls.js';
import { FOO, type SwitchScene } from './support/switch-scene.js';
import { SyncScene } from './support/sync-scene.js';

let sync: SyncScene;
let scene: SwitchScene;
let foo: SyncUser;
let user: string;

beforeAll(() => Logger.overrideLogger(false));
beforeEach(async () => {
  sync = await SyncScene.open();
  ({ scene, foo, user } = sync);
});
afterEach(() => sync.close());

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
    await sync.listed(2);
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
