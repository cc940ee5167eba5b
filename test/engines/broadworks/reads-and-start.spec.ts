import { Logger } from '@nestjs/common';
import type { BroadWorksEngine } from '../../../src/engines/broadworks/broadworks-engine.js';
import { BroadWorksImrnAllocation } from '../../../src/engines/broadworks/broadworks-imrn.js';
import { eventually } from '../../support/wait.js';
import { anEngine, OutOfStep, refusalOf } from './support/out-of-step.js';
import { FOO, idOf, LONELY, type SwitchScene } from './support/switch-scene.js';
import { failure } from './xsi/support/scripted-switch.js';

Logger.overrideLogger(false);

let step: OutOfStep;
let scene: SwitchScene;
let engine: BroadWorksEngine;

beforeEach(async () => {
  step = await OutOfStep.open();
  ({ scene, engine } = step);
});
afterEach(() => step.close());

describe('Reading the calls of a user, while the switch tells nothing', () => {
  it('asks it, and what is stored is true then', async () => {
    const call = scene.played.has(idOf(FOO), { state: 'Held', answerTime: 5, heldTime: 6 });
    expect(await engine.catchUp(FOO)).toBe('switch');
    expect(await scene.ongoing(FOO)).toMatchObject([{ callId: call.callId, state: 'Held' }]);
  });

  it('asks it once for all who read at the same time', async () => {
    await Promise.all(Array.from({ length: 10 }, () => engine.catchUp(FOO)));
    expect(scene.played.lists).toBe(1);
  });

  it.each([
    [{ status: 500 }, 'badAnswer'],
    [{ status: 503 }, 'unavailable'],
    [{ status: 0 }, 'timeout'],
    [{ status: 200, body: '<a><b></a>' }, 'badAnswer'],
    [{ status: 401 }, 'unavailable'],
    [{ status: 404 }, 'unavailable'],
  ])('fails where it answers %j: %s', async (answer, reason) => {
    for (let times = 0; times < 2; times++) scene.played.next({ request: /^GET $/, ...answer });
    const refusal = await refusalOf(engine.catchUp(FOO));
    expect(refusal.reason).toBe(reason);
    expect(refusal.message).toContain('cluster east');
  });

  it('of one who is on no switch asks nobody', async () => {
    expect(await engine.catchUp(LONELY)).toBe('store');
    expect(scene.played.asked).toEqual([]);
  });

  it('leaves the engine serving', () => {
    expect(engine.serving).toBe(true);
  });
});

describe('Numbers that anchor mobile calls', () => {
  const group = { tenantId: 'foo', groupId: 'foogroup', country: 'BE', extensionLength: 4 };
  const pair = { owner: FOO.ref, calling: '+32470123456', called: '+3212345601' };
  const allocate = (who = FOO) => new BroadWorksImrnAllocation(engine).allocate(who, group, pair);

  it('are leased by the switch', async () => {
    expect(await allocate()).toBe('+3212345690');
  });

  it.each([
    [400, 'imrnAllocationFailed'],
    [500, 'badAnswer'],
    [503, 'unavailable'],
  ])('are not there where it answers %d: %s', async (status, reason) => {
    scene.played.next({ request: /^POST imrn/, status });
    expect(await failure(allocate())).toMatchObject({ reason });
  });

  it('are not there for one who is on no switch', async () => {
    expect(await failure(allocate(LONELY))).toMatchObject({ reason: 'imrnAllocationFailed' });
  });
});

it('Calls that no switch will speak of end at the start, and sessions of another engine', async () => {
  const lonely = await scene.has(LONELY, { callId: 'callhalf-7:0', externalTrackingId: 'seven' }, 'answered');
  const ours = await step.aCall();
  await scene.journal.record({ sessionId: 'other', state: '{}', facts: [] });
  const next = anEngine(scene);
  await next.start(scene.journal, await scene.store.loadOngoing());
  await scene.becomes(lonely.callId, 'Released');
  await eventually(
    async () => ((await scene.store.findSession('other')) ? undefined : true),
    () => 'the session stays',
  );
  expect(await scene.stored(ours.callId)).toMatchObject({ state: 'Active' });
  await next.stop();
});
