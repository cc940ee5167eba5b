import { EngineRefusal } from '../../src/calls/application/call-engine.js';
import type { EngineScene } from '../support/engine-scene.js';
import { eventually } from '../support/wait.js';

/** How calls begin and end, with every engine. */
export function describeSetUp(scene: () => EngineScene): void {
  const byCommand = async (userId: string) =>
    scene().engine.release(await scene().userReaches(userId, 'Active'));

  describe('a dial', () => {
    it('is told step by step, to both users', async () => {
      const { desk, bar } = scene();
      await desk.does('rings');
      await bar.does('rings');
      const { callId, externalTrackingId } = await scene().dial('5601');
      await scene().rings(desk);
      expect(await scene().call(callId)).toMatchObject({
        externalTrackingId,
        state: 'Alerting',
        personality: 'Click-to-Dial',
        remoteParty: { address: '+3212345601', callType: 'Group' },
      });
      expect(await scene().harness.callsOf('baruser')).toEqual([]);

      await desk.pickUp();
      await scene().rings(bar);
      expect(await scene().reaches(callId, 'Answered')).toMatchObject({
        personality: 'Originator',
        endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
      });
      const theirs = await scene().userReaches('baruser', 'Alerting');
      expect(theirs).toMatchObject({
        externalTrackingId,
        personality: 'Terminator',
        remoteParty: { address: '+3212345600', callType: 'Group' },
        endpoint: { addressOfRecord: 'LP_baruser@sip.example.test' },
      });
      expect(theirs.callId).not.toBe(callId);

      await bar.pickUp();
      for (const id of [callId, theirs.callId])
        expect(await scene().reaches(id, 'Active')).toMatchObject({
          externalTrackingId,
          answerTime: expect.any(Number),
        });
      expect(await scene().kindsOf(callId)).toEqual(['dialed', 'deviceAnswered', 'answered']);
      expect(await scene().kindsOf(theirs.callId)).toEqual(['received', 'answered']);
    });

    it('of the outside world has one call', async () => {
      const { callId } = await scene().dial('+3212345678');
      expect(await scene().reaches(callId, 'Active')).toMatchObject({
        remoteParty: { address: '+3212345678', callType: 'Unknown' },
      });
    });

    it('gives ids that no other call has', async () => {
      await scene().desk.does('rings');
      const ids = await Promise.all([scene().dial('5601'), scene().dial('5602'), scene().dial('5601')]);
      expect(new Set(ids.map(({ callId }) => callId)).size).toBe(3);
      expect(new Set(ids.map(({ externalTrackingId }) => externalTrackingId)).size).toBe(3);
    });

    it('that is refused leaves nothing behind', async () => {
      await scene().desk.does('absent');
      await expect(scene().dial('5601')).rejects.toThrow(EngineRefusal);
      expect(await scene().harness.callsOf('foouser')).toEqual([]);
      expect(await scene().bar.ringing()).toBe(0);
    });

    it.each([
      ['+3212345680', 'busy'],
      ['+3212345682', 'declined'],
      ['+3212345686', 'notInService'],
    ])('of %s ends because it is %s', async (number, cause) => {
      const { callId } = await scene().dial(number);
      expect((await scene().reaches(callId, 'Released')).releaseCause).toBe(cause);
      await scene().talks(scene().desk, 0);
    });

    it.each([
      ['busy', 'busy'],
      ['declines', 'declined'],
    ] as const)('of a user whose phone %s ends because it is %s', async (does, cause) => {
      await scene().bar.does(does);
      const { callId } = await scene().dial('5601');
      expect((await scene().reaches(callId, 'Released')).releaseCause).toBe(cause);
      expect(await scene().ongoing('baruser')).toEqual([]);
    });
  });

  describe('a call from a phone', () => {
    it('is seen of both users', async () => {
      expect(await scene().desk.dial('5601')).toBe(200);
      const mine = await scene().userReaches('foouser', 'Active');
      const theirs = await scene().userReaches('baruser', 'Active');
      expect(mine).toMatchObject({
        personality: 'Originator',
        remoteParty: { address: '+3212345601', callType: 'Group' },
      });
      expect(theirs).toMatchObject({
        personality: 'Terminator',
        externalTrackingId: mine.externalTrackingId,
        remoteParty: { address: '+3212345600', callType: 'Group' },
      });
      expect(await scene().kindsOf(mine.callId)).toEqual(['originated', 'answered']);
      expect(await scene().kindsOf(theirs.callId)).toEqual(['received', 'answered']);
    });

    it('to a busy one ends', async () => {
      await scene().bar.does('busy');
      expect(await scene().desk.dial('5601')).toBe(486);
      const call = await eventually(
        async () => (await scene().harness.callsOf('foouser'))[0],
        () => 'the call is not stored',
      );
      expect(await scene().reaches(call.callId, 'Released')).toMatchObject({ releaseCause: 'busy' });
    });
  });

  describe('a release', () => {
    it.each([
      ['the caller by command', 'local', () => byCommand('foouser')],
      ['the called user by command', 'remote', () => byCommand('baruser')],
      ['the caller on the phone', 'local', () => scene().desk.hangUp()],
      ['the called user on the phone', 'remote', () => scene().bar.hangUp()],
    ] as const)('by %s ends the calls of both', async (_who, by, release) => {
      const { callId } = await scene().talking();
      const theirs = await scene().userReaches('baruser', 'Active');
      await release();
      expect(await scene().reaches(callId, 'Released')).toMatchObject({ releaseCause: 'normal' });
      await scene().reaches(theirs.callId, 'Released');
      const last = async (id: string) => (await scene().harness.factsOf(id)).at(-1);
      expect(await last(callId)).toMatchObject({ by });
      expect(await last(theirs.callId)).toMatchObject({ by: by === 'local' ? 'remote' : 'local' });
      await scene().talks(scene().desk, 0);
      await scene().talks(scene().bar, 0);
    });

    it('while the own device rings makes it stop', async () => {
      await scene().desk.does('rings');
      const { callId } = await scene().dial('5601');
      await scene().rings(scene().desk);
      await scene().engine.release(await scene().call(callId));
      await scene().reaches(callId, 'Released');
      await scene().rings(scene().desk, 0);
      expect(await scene().harness.callsOf('baruser')).toEqual([]);
    });

    it('while the called party rings makes it stop', async () => {
      await scene().bar.does('rings');
      const { callId } = await scene().dial('5601');
      await scene().rings(scene().bar);
      const theirs = await scene().userReaches('baruser', 'Alerting');
      await scene().engine.release(await scene().reaches(callId, 'Answered'));
      await Promise.all([callId, theirs.callId].map((id) => scene().reaches(id, 'Released')));
      await scene().rings(scene().bar, 0);
    });
  });
}
