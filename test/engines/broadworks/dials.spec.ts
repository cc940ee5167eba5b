import { Logger } from '@nestjs/common';
import type { DialOrder } from '../../../src/calls/application/call-engine.js';
import type { BroadWorksEngine } from '../../../src/engines/broadworks/broadworks-engine.js';
import { aNewCall } from '../../support/some-calls.js';
import { eventually } from '../../support/wait.js';
import { OutOfStep, refusalOf } from './support/out-of-step.js';
import { BAR, FOO, LONELY, type SwitchScene } from './support/switch-scene.js';
import { failure, xsi } from './xsi/support/scripted-switch.js';

Logger.overrideLogger(false);

let step: OutOfStep;
let scene: SwitchScene;
let engine: BroadWorksEngine;

beforeEach(async () => {
  step = await OutOfStep.open();
  ({ scene, engine } = step);
});
afterEach(() => step.close());

const toBar: DialOrder = {
  caller: FOO,
  callerAddress: '+3212345600',
  destination: { address: '+3212345601', user: BAR },
};

describe('A dial', () => {
  it('is put to the switch once, and stored with the ids of the switch', async () => {
    const ids = await engine.dial(toBar);
    expect(await scene.stored(ids.callId)).toMatchObject({
      ...ids,
      owner: FOO.ref,
      personality: 'Click-to-Dial',
      state: 'Alerting',
      remoteParty: { address: '+3212345601', callType: 'Group' },
      endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
    });
    expect(scene.played.asks(/^POST/)).toEqual(['POST new?address=+3212345601']);
  });

  it('whose answer is lost is not repeated, and its call is found', async () => {
    scene.played.next({ request: /^POST new/, answerLost: true });
    expect(await refusalOf(engine.dial(toBar))).toEqual({
      reason: 'timeout',
      message: 'The switch of cluster east did not answer in time.',
    });
    const [call] = await eventually(
      async () => {
        const calls = await scene.ongoing(FOO);
        return calls.length > 0 ? calls : undefined;
      },
      () => 'the call is not found',
    );
    expect(call).toMatchObject({ personality: 'Click-to-Dial', state: 'Alerting' });
    expect(scene.played.asks(/^POST/)).toHaveLength(1);
  });

  it.each([
    ['refuses', { status: 403 }, 'unavailable', 'The switch of cluster east cannot be used now.'],
    ['has another error', { status: 409, body: xsi('ErrorInfo') }, 'refused', 'refused'],
    ['does not know the user', { status: 404 }, 'refused', 'refused'],
    ['has too much to do', { status: 503 }, 'unavailable', 'The switch of cluster east cannot be used now.'],
    [
      'is broken',
      { status: 500 },
      'badAnswer',
      'The switch of cluster east gave no answer that can be understood.',
    ],
    [
      'answers nonsense',
      { status: 200, body: '<html>' },
      'badAnswer',
      'The switch of cluster east gave no answer that can be understood.',
    ],
  ])('that the switch %s is refused', async (_, answer, reason, message) => {
    scene.played.next({ request: /^POST new/, ...answer });
    expect(await refusalOf(engine.dial(toBar))).toEqual({ reason, message });
    expect(scene.played.asks(/^POST/)).toHaveLength(1);
  });

  it('rings nobody while the store is known to be away', async () => {
    scene.store.away = true;
    void scene.journal.record({ sessionId: 'x', facts: [aNewCall().fact] });
    await eventually(
      () => scene.journal.away || undefined,
      () => 'nobody knows',
    );
    expect(String(await failure(engine.dial(toBar)))).toContain('nobody is rung');
    expect(scene.played.asked).toEqual([]);
    scene.store.away = false;
  });

  it('is answered although the store goes away after the switch has taken it, and stored later', async () => {
    scene.played.next({
      request: /^POST new/,
      first: () => {
        scene.store.away = true;
      },
    });
    const { callId } = await engine.dial(toBar);
    scene.store.away = false;
    expect(await scene.becomes(callId, 'Alerting')).toMatchObject({ personality: 'Click-to-Dial' });
  });

  it('of a user who is on no switch rings nobody', async () => {
    expect(engine.canRing(FOO)).toBe(true);
    expect(engine.canRing(LONELY)).toBe(false);
    expect(await refusalOf(engine.dial({ ...toBar, caller: LONELY }))).toMatchObject({ reason: 'noDevice' });
  });
});
