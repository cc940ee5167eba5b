import { setTimeout as delay } from 'node:timers/promises';
import type { Call } from '../../src/calls/domain/call.js';
import type { EngineScene } from '../support/engine-scene.js';

const A_WHILE_MS = 200;

/** Transfers, with every engine. */
export function describeTransfers(scene: () => EngineScene): void {
  /** The two talk with each other, in calls that say so. */
  async function connected(): Promise<void> {
    const ofBar = await scene().userReaches('baruser', 'Active');
    const ofBaz = await scene().userReaches('bazuser', 'Active');
    expect(ofBar.remoteParty).toEqual({ address: '5602', callType: 'Group' });
    expect(ofBaz.remoteParty).toEqual({ address: '+3212345601', callType: 'Group' });
    expect(ofBar.externalTrackingId).toBe(ofBaz.externalTrackingId);
    await scene().talks(scene().bar, 1);
    await scene().talks(scene().baz, 1);
    await scene().talks(scene().desk, 0);
  }

  const transfer = (call: Call) =>
    scene().engine.blindTransfer(call, scene().harness.destination(scene().harness.user('foouser'), '5602'));

  /** foouser holds baruser; resolves with the call. */
  async function held(): Promise<Call> {
    const { callId } = await scene().talking();
    await scene().engine.hold(await scene().call(callId));
    return scene().reaches(callId, 'Held');
  }

  describe('a blind transfer', () => {
    it.each(['Active', 'Held'] as const)('of a call that is %s connects the remote party', async (state) => {
      const { callId } = await scene().talking();
      if (state === 'Held') await scene().engine.hold(await scene().call(callId));
      await transfer(await scene().reaches(callId, state));
      await scene().reaches(callId, 'Released');
      await connected();
    });

    it.each(['busy', 'declines'] as const)('to one that %s leaves the call as it was', async (does) => {
      const { callId } = await scene().talking();
      await scene().baz.does(does);
      await expect(transfer(await scene().call(callId))).rejects.toMatchObject({ reason: 'transferFailed' });
      expect((await scene().call(callId)).state).toBe('Active');
      await scene().userReaches('baruser', 'Active');
      expect(await scene().ongoing('bazuser')).toEqual([]);
      await scene().talks(scene().desk, 1);
      await scene().talks(scene().bar, 1);
    });

    it('of a call that still rings deflects it', async () => {
      await scene().desk.does('rings');
      const dialled = scene().bar.dial('5600');
      const ringing = await scene().userReaches('foouser', 'Alerting');
      await scene().rings(scene().desk);
      await transfer(ringing);
      expect(await dialled).toBe(200);
      await scene().reaches(ringing.callId, 'Released');
      await scene().rings(scene().desk, 0);
      await connected();
    });
  });

  describe('a consultative transfer', () => {
    it('joins the two remote parties', async () => {
      const call = await held();
      const { callId } = await scene().dial('5602');
      await scene().userReaches('bazuser', 'Active');
      const consulted = await scene().reaches(callId, 'Active');
      await scene().engine.consultativeTransfer(await scene().call(call.callId), consulted);
      for (const id of [call.callId, callId]) await scene().reaches(id, 'Released');
      await connected();
    });

    it('waits for a party that still rings, and is one at a time', async () => {
      const call = await held();
      await scene().baz.does('rings');
      const { callId } = await scene().dial('5602');
      await scene().rings(scene().baz);
      const consulted = await scene().reaches(callId, 'Answered');
      let done = false;
      const joined = scene()
        .engine.consultativeTransfer(call, consulted)
        .then(() => {
          done = true;
        });
      await delay(A_WHILE_MS);
      await expect(scene().engine.consultativeTransfer(call, consulted)).rejects.toMatchObject({
        reason: 'consultationInProgress',
      });
      expect(done).toBe(false);
      await scene().baz.pickUp();
      await joined;
      await connected();
    });

    it('to a party that does not answer leaves the held call held', async () => {
      const call = await held();
      await scene().baz.does('rings');
      const { callId } = await scene().dial('5602');
      await scene().rings(scene().baz);
      const consulted = await scene().reaches(callId, 'Answered');
      const joined = scene()
        .engine.consultativeTransfer(call, consulted)
        .catch((error: unknown) => error);
      await delay(A_WHILE_MS);
      await scene().baz.hangUp();
      expect(await joined).toMatchObject({ reason: 'transferFailed' });
      await scene().reaches(callId, 'Released');
      await scene().reaches(call.callId, 'Held');
      await scene().userReaches('baruser', 'Remote Held');
      await scene().engine.reconnect(await scene().call(call.callId));
      await scene().userReaches('baruser', 'Active');
    });
  });
}
