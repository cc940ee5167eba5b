import type { CallEngine } from '../../src/calls/application/call-engine.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { EngineScene } from '../support/engine-scene.js';

/** What happens to a call that is up, with every engine. */
export function describeChanges(scene: () => EngineScene): void {
  const retrieve = async (callId: string) =>
    scene().engine.retrieve(await scene().call(callId), scene().harness.user('foouser'));

  const recorded = async (callId: string, state: Call['recordingState']) => {
    await scene().recordingReaches(callId, state);
    expect((await scene().call(callId)).recorded).toBe(state !== 'Pending');
  };

  describe('a hold', () => {
    it('silences both until it is reconnected', async () => {
      const { callId } = await scene().talking();
      await scene().engine.hold(await scene().call(callId));
      expect((await scene().call(callId)).state).toBe('Held');
      await scene().userReaches('baruser', 'Remote Held');
      await scene().engine.reconnect(await scene().call(callId));
      expect((await scene().call(callId)).state).toBe('Active');
      await scene().userReaches('baruser', 'Active');
    });

    it('by both lasts until both have reconnected', async () => {
      const { callId } = await scene().talking();
      await scene().engine.hold(await scene().call(callId));
      const theirs = await scene().userReaches('baruser', 'Remote Held');
      await scene().engine.hold(theirs);
      // Not every switch tells of a call that is held here whether it is held there too.
      await scene().reaches(callId, 'Held', 'Both Held');
      await scene().reaches(theirs.callId, 'Held', 'Both Held');
      await scene().engine.reconnect(await scene().call(callId));
      await scene().reaches(callId, 'Remote Held');
      await scene().reaches(theirs.callId, 'Held', 'Both Held');
      await scene().engine.reconnect(await scene().call(theirs.callId));
      await scene().reaches(callId, 'Active');
      await scene().reaches(theirs.callId, 'Active');
    });

    it('on a phone is told of both calls', async () => {
      const { callId } = await scene().talking();
      await scene().bar.hold();
      await scene().reaches(callId, 'Remote Held');
      await scene().userReaches('baruser', 'Held');
      await scene().bar.resume();
      await scene().reaches(callId, 'Active');
      await scene().userReaches('baruser', 'Active');
    });
  });

  describe('a retrieve', () => {
    it('moves the call to the other device, and the remote party hears no release', async () => {
      const { callId } = await scene().talking();
      await scene().mobile.does('rings');
      const ids = await retrieve(callId);
      await scene().rings(scene().mobile);
      await scene().reaches(callId, 'Detached');
      expect(await scene().reaches(ids.callId, 'Alerting')).toMatchObject({ personality: 'Click-to-Dial' });

      await scene().mobile.pickUp();
      await scene().reaches(callId, 'Released');
      expect(await scene().userReaches('foouser', 'Active')).toMatchObject({
        ...ids,
        personality: 'Originator',
        endpoint: { addressOfRecord: 'MB_foouser@sip.example.test' },
        remoteParty: { address: '+3212345601', callType: 'Group' },
      });
      expect(ids.callId).not.toBe(callId);
      expect(await scene().userReaches('baruser', 'Active')).toMatchObject({
        externalTrackingId: ids.externalTrackingId,
      });
      expect(await scene().harness.callsOf('baruser')).toHaveLength(1);
      await scene().talks(scene().desk, 0);
      await scene().talks(scene().mobile, 1);
      await scene().talks(scene().bar, 1);
    });

    it('that the other device does not take leaves the call where it was', async () => {
      const { callId } = await scene().talking();
      await scene().mobile.does('rings');
      const ids = await retrieve(callId);
      await scene().rings(scene().mobile);
      await scene().mobile.hangUp();
      await scene().reaches(ids.callId, 'Released');
      expect(await scene().reaches(callId, 'Active')).toMatchObject({
        endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
      });
      await scene().talks(scene().desk, 1);
    });

    it('is refused where there is no other device, and the call goes on', async () => {
      const { callId } = await scene().talking();
      await expect(retrieve(callId)).rejects.toMatchObject({ reason: 'noDevice' });
      expect((await scene().call(callId)).state).toBe('Active');
      expect(await scene().ongoing('foouser')).toHaveLength(1);
    });
  });

  describe('a recording', () => {
    it('is started, paused, resumed and stopped', async () => {
      const { callId } = await scene().talking();
      const { engine } = scene();
      await engine.startRecording(await scene().call(callId));
      await recorded(callId, 'Started');
      await engine.pauseRecording(await scene().call(callId));
      await recorded(callId, 'Paused');
      await engine.resumeRecording(await scene().call(callId));
      await recorded(callId, 'Started');
      await engine.stopRecording(await scene().call(callId));
      await recorded(callId, undefined);
      expect(await scene().recordingKindsOf(callId)).toEqual([
        'recordingStarted',
        'recordingPaused',
        'recordingResumed',
        'recordingStopped',
      ]);
    });

    it('that is asked for while the call is held begins when it is reconnected', async () => {
      const { callId } = await scene().talking();
      await scene().engine.hold(await scene().call(callId));
      await scene().engine.startRecording(await scene().call(callId));
      await recorded(callId, 'Pending');
      await scene().engine.reconnect(await scene().call(callId));
      await recorded(callId, 'Started');
      expect(await scene().recordingKindsOf(callId)).toEqual(['recordingPending', 'recordingStarted']);
    });
  });

  describe('of a call that is gone', () => {
    const COMMANDS: Record<string, (engine: CallEngine, call: Call) => Promise<unknown>> = {
      'a hold': (engine, call) => engine.hold(call),
      'a reconnect': (engine, call) => engine.reconnect(call),
      'a release': (engine, call) => engine.release(call),
      'a blind transfer': (engine, call) =>
        engine.blindTransfer(call, scene().harness.destination(scene().harness.user('foouser'), '5602')),
      'a recording': (engine, call) => engine.startRecording(call),
    };

    it.each(Object.entries(COMMANDS))('%s is refused as such', async (_, ask) => {
      const call = await scene().talking();
      await scene().engine.release(call);
      await scene().reaches(call.callId, 'Released');
      await expect(ask(scene().engine, call)).rejects.toMatchObject({ reason: 'callGone' });
    });
  });
}
