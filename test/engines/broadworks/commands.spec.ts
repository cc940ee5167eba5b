import { Logger } from '@nestjs/common';
import type { Call } from '../../../src/calls/domain/call.js';
import type { BroadWorksEngine } from '../../../src/engines/broadworks/broadworks-engine.js';
import type { SeenCall } from '../../../src/engines/broadworks/xsi/seen-call.js';
import { OutOfStep, refusalOf } from './support/out-of-step.js';
import { FOO, idOf, type SwitchScene } from './support/switch-scene.js';

Logger.overrideLogger(false);

let step: OutOfStep;
let scene: SwitchScene;
let engine: BroadWorksEngine;

beforeEach(async () => {
  step = await OutOfStep.open();
  ({ scene, engine } = step);
});
afterEach(() => step.close());

const STANDS: Record<string, [SeenCall['state'], SeenCall['recordingState']?]> = {
  held: ['Held'],
  recordingStarted: ['Active', 'Started'],
  'recordingStarted recordingPaused': ['Active', 'Paused'],
};

describe('A command', () => {
  it.each([
    ['hold', [], 'Hold', { state: 'Held' }],
    ['reconnect', ['held'], 'Reconnect', { state: 'Active' }],
    ['startRecording', [], 'Record', { recordingState: 'Started', recorded: true }],
    ['pauseRecording', ['recordingStarted'], 'PauseRecording', { recordingState: 'Paused' }],
    [
      'resumeRecording',
      ['recordingStarted', 'recordingPaused'],
      'ResumeRecording',
      { recordingState: 'Started' },
    ],
  ] as const)(
    '%s: asked once, and stored by the time of the answer',
    async (command, before, asked, after) => {
      const [state, recordingState] = STANDS[before.join(' ')] ?? ['Active'];
      const call = await step.aCall(
        { state, ...(recordingState && { recordingState }) },
        'answered',
        ...before,
      );
      await engine[command](call);
      expect(await scene.stored(call.callId)).toMatchObject(after);
      expect(scene.played.asks(/^PUT/)).toEqual([`PUT ${call.callId}/${asked}`]);
    },
  );

  it('asks for nothing more where its fact is stored by then, by whichever process', async () => {
    const call = await step.aCall();
    scene.played.next({ request: /Hold$/, first: () => scene.happens(call, 'held') });
    await engine.hold(call);
    expect(scene.played.lists).toBe(0);
  });

  it.each([
    ['release', 'DELETE', (call: Call) => engine.release(call)],
    ['blind transfer', 'PUT', (call: Call) => engine.blindTransfer(call, { address: '+3299999999' })],
  ] as const)('%s: the call has ended by the time of the answer', async (_, method, command) => {
    const call = await step.aCall();
    await command(call);
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Released' });
    expect(scene.played.asks(new RegExp(`^${method}`))).toHaveLength(1);
  });

  it('consultative transfer: both calls have ended by the time of the answer', async () => {
    const [call, consulted] = [await step.aCall({ state: 'Held' }, 'answered', 'held'), await step.aCall()];
    await engine.consultativeTransfer(call, consulted);
    expect(await scene.ongoing(FOO)).toEqual([]);
    expect(scene.played.asks(/^PUT/)).toEqual([`PUT ${call.callId}/ConsultTransfer/${consulted.callId}`]);
  });

  it('retrieve: the call that the switch has begun is stored by the time of the answer', async () => {
    const call = await step.aCall();
    const ids = await engine.retrieve(call, FOO);
    expect(await scene.stored(ids.callId)).toMatchObject({ ...ids, state: 'Alerting' });
  });

  it('retrieve: refused where the switch has no other device to ring', async () => {
    const call = await step.aCall();
    scene.played.next({ request: /CallRetrieve/, status: 409 });
    expect(await refusalOf(engine.retrieve(call, FOO))).toMatchObject({ reason: 'noDevice' });
  });

  it('for a call that the switch does not have any more ends it', async () => {
    const call = await step.aCall();
    scene.played.ends(idOf(FOO), call.callId);
    expect(await refusalOf(engine.hold(call))).toMatchObject({ reason: 'callGone' });
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Released' });
  });

  it.each([
    ['hold', 409, 'refused'],
    ['hold', 500, 'badAnswer'],
    ['hold', 503, 'unavailable'],
    ['hold', 401, 'unavailable'],
    ['startRecording', 400, 'recordingFailed'],
    ['stopRecording', 409, 'recordingFailed'],
  ] as const)('%s that is answered %d: %s', async (command, status, reason) => {
    const call = await step.aCall();
    scene.played.next({ request: /^PUT/, status });
    expect(await refusalOf(engine[command](call))).toMatchObject({ reason });
    expect(scene.played.asks(/^PUT/)).toHaveLength(1);
  });

  it('consultative transfer that is refused: both calls are as before', async () => {
    const [call, consulted] = [await step.aCall({ state: 'Held' }, 'answered', 'held'), await step.aCall()];
    scene.played.next({ request: /ConsultTransfer/, status: 409 });
    const refusal = await refusalOf(engine.consultativeTransfer(call, consulted));
    expect(refusal).toMatchObject({ reason: 'transferFailed' });
    expect((await scene.ongoing(FOO)).map(({ state }) => state)).toEqual(['Held', 'Active']);
  });

  it('blind transfer that is refused: the call is as before', async () => {
    const call = await step.aCall();
    scene.played.next({ request: /BlindTransfer/, status: 400 });
    const refusal = await refusalOf(engine.blindTransfer(call, { address: '+3299999999' }));
    expect(refusal).toMatchObject({ reason: 'transferFailed' });
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Active' });
  });

  it('consultative transfer of a call that is in one', async () => {
    const [call, first, second] = [await step.aCall(), await step.aCall(), await step.aCall()];
    let refused: Promise<unknown> = Promise.resolve();
    scene.played.next({
      request: /ConsultTransfer/,
      first: async () => {
        refused = refusalOf(engine.consultativeTransfer(call, second));
        await refused;
      },
    });
    await engine.consultativeTransfer(call, first);
    expect(await refused).toMatchObject({ reason: 'consultationInProgress' });
    expect(scene.played.asks(/^PUT/)).toHaveLength(1);
  });

  it('of a recording that fails meanwhile is refused', async () => {
    const call = await step.aCall();
    scene.played.next({ request: /Record$/, first: () => scene.happens(call, 'recordingFailed') });
    expect(await refusalOf(engine.startRecording(call))).toMatchObject({ reason: 'recordingFailed' });
  });

  it('whose answer is lost is not repeated, and what it did is found', async () => {
    const call = await step.aCall();
    scene.played.next({ request: /Hold$/, answerLost: true });
    expect(await refusalOf(engine.hold(call))).toMatchObject({ reason: 'timeout' });
    await scene.becomes(call.callId, 'Held');
    expect(scene.played.asks(/^PUT/)).toHaveLength(1);
  });
});
