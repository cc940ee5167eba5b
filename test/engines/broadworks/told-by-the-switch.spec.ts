import { Logger } from '@nestjs/common';
import type { SyncUser } from '../../../src/engines/broadworks/sync-user.js';
import { aSeenCall } from './support/seen-calls.js';
import { BAR, FOO, type SwitchScene } from './support/switch-scene.js';
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
