import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { SyncUser } from '../../../src/engines/broadworks/sync-user.js';
import { eventually } from '../../support/wait.js';
import { aSeenCall } from './support/seen-calls.js';
import { FOO, type SwitchScene } from './support/switch-scene.js';
import { SyncScene } from './support/sync-scene.js';
import { xsi } from './xsi/support/scripted-switch.js';

/** So long events may be older than the answer, and a little longer. */
const QUIET_MS = 1_050;

const dialled = { callId: 'callhalf-7:0', externalTrackingId: '1d9b8a52-2c7e-4f3c-bb07-0c52a9d0e807' };
const started = xsi(
  'CallStartInfo',
  `<callId>${dialled.callId}</callId><externalTrackingId>${dialled.externalTrackingId}</externalTrackingId>`,
);

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

describe('What is told right after the switch was asked', () => {
  it('may be older than the answer: the switch is asked again', async () => {
    const call = scene.played.has(user, { state: 'Active' });
    await foo.resync();
    foo.event({ ...call, state: 'Held' });
    await sync.listed(2);
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

  it('is the end of a dialled call also where the call is not stored yet', async () => {
    await foo.resync();
    const call = aSeenCall({ ...dialled, state: 'Released', releaseCause: 'Busy' });
    scene.played.next({ request: /^POST new/, status: 201, body: started, first: () => foo.event(call) });
    expect(await sync.dial('+3212345601')).toEqual(dialled);
    expect(await scene.becomes(dialled.callId, 'Released')).toMatchObject({ releaseCause: 'busy' });
  });

  it('and lost does not leave a dialled call behind that the switch does not have any more', async () => {
    await foo.resync();
    scene.played.next({ request: /^POST new/, status: 201, body: started });
    expect(await sync.dial('+3212345601')).toEqual(dialled);
    await scene.becomes(dialled.callId, 'Released');
    expect(await scene.kinds(dialled.callId)).toBe('dialed released');
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
    void foo.doubt();
    expect(foo.inDoubt).toBe(true);
    await scene.becomes(call.callId, 'Held');
    await eventually(
      () => !foo.inDoubt || undefined,
      () => 'still in doubt',
    );
  });

  it('is told when the switch has been asked since, and not by what was asked before', async () => {
    const call = scene.played.has(user, { state: 'Active' });
    scene.played.next({
      request: /^GET $/,
      first: () => {
        void foo.doubt().then(() => said.push('second'));
        return delay(50);
      },
    });
    const said: string[] = [];
    await foo.doubt();
    expect(scene.played.lists).toBe(1);
    said.push('first');
    await sync.listed(2);
    await eventually(
      () => said.length === 2 || undefined,
      () => `said ${said.join()}`,
    );
    expect(said).toEqual(['first', 'second']);
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Active' });
  });

  it('is told at once while the switch does not answer', async () => {
    for (let times = 0; times < 6; times++) scene.played.next({ request: /^GET $/, status: 500 });
    await foo.doubt();
    const asked = scene.played.lists;
    await foo.doubt();
    expect(scene.played.lists).toBe(asked);
    expect(foo.inDoubt).toBe(true);
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
