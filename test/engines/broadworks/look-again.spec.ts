import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { FOO, type SwitchScene } from './support/switch-scene.js';
import { SyncScene } from './support/sync-scene.js';

let sync: SyncScene;
let scene: SwitchScene;

beforeAll(() => Logger.overrideLogger(false));
beforeEach(async () => {
  sync = await SyncScene.open();
  ({ scene } = sync);
});
afterEach(() => sync.close());

describe('A call whose last event was lost', () => {
  it('ends when the switch is asked again, and a call that it still has goes on', async () => {
    const gone = scene.played.has(sync.user);
    const stays = scene.played.has(sync.user);
    for (const call of [gone, stays]) await scene.has(FOO, call, 'answered');
    scene.played.ends(sync.user, gone.callId);
    const look = sync.lookAgain(200);
    look.start();
    await scene.becomes(gone.callId, 'Released');
    await look.stop();
    expect(await scene.kinds(gone.callId)).toBe('originated answered released');
    expect((await scene.stored(stays.callId)).state).toBe('Active');
  });

  it('is no business of a process that does not hold the channel', async () => {
    await scene.has(FOO, scene.played.has(sync.user), 'answered');
    const look = sync.lookAgain(40, false);
    look.start();
    await delay(300);
    await look.stop();
    expect(scene.played.asked).toEqual([]);
  });

  it('is looked for again after the store was away', async () => {
    const gone = scene.played.has(sync.user);
    await scene.has(FOO, gone, 'answered');
    scene.played.ends(sync.user, gone.callId);
    scene.store.away = true;
    const look = sync.lookAgain(40);
    look.start();
    await delay(200);
    scene.store.away = false;
    await scene.becomes(gone.callId, 'Released');
    await look.stop();
  });
});
