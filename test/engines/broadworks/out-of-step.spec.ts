import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type DialOrder, EngineRefusal } from '../../../src/calls/application/call-engine.js';
import type { Call } from '../../../src/calls/domain/call.js';
import type { User } from '../../../src/directory/domain/user.js';
import { BroadWorksEngine } from '../../../src/engines/broadworks/broadworks-engine.js';
import { BroadWorksImrnAllocation } from '../../../src/engines/broadworks/broadworks-imrn.js';
import type { SeenCall } from '../../../src/engines/broadworks/xsi/seen-call.js';
import { LeasesInMemory } from '../../support/channel-leases.js';
import { aNewCall, type LaterKind } from '../../support/some-calls.js';
import { eventually } from '../../support/wait.js';
import { BAR, directoryOf, FOO, idOf, LONELY, SwitchScene } from './support/switch-scene.js';
import { failure, xsi } from './xsi/support/scripted-switch.js';

jest.setTimeout(20_000);

const user = idOf(FOO);
let scene: SwitchScene;
let engine: BroadWorksEngine;

beforeAll(() => Logger.overrideLogger(false));
beforeEach(async () => {
  scene = await SwitchScene.open();
  engine = new BroadWorksEngine(
    { clusters: [scene.played.settings()], commandTimeoutMs: 1_000 },
    directoryOf(FOO, BAR, LONELY),
    scene.store,
    new LeasesInMemory(),
  );
  await engine.start(scene.journal, { calls: [], sessions: [] });
});
afterEach(async () => {
  await engine.stop();
  await scene.close();
});

const toBar: DialOrder = {
  caller: FOO,
  callerAddress: '+3212345600',
  destination: { address: '+3212345601', user: BAR },
};

/** A call that the switch and the store have. */
async function aCall(given: Partial<SeenCall> = {}, ...later: LaterKind[]): Promise<Call> {
  return scene.has(FOO, scene.played.has(user, given), ...(later.length > 0 ? later : ['answered' as const]));
}

async function refusalOf(command: Promise<unknown>): Promise<{ reason: string; message: string }> {
  const error = await failure(command);
  if (!(error instanceof EngineRefusal)) throw new Error(`no refusal but ${String(error)}`);
  expect(error.message).not.toMatch(/127\.0\.0\.1|foo\.example/);
  return { reason: error.reason, message: error.message };
}

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
    ['is broken', { status: 500 }, 'unavailable', 'The switch of cluster east cannot be used now.'],
    [
      'answers nonsense',
      { status: 200, body: '<html>' },
      'badAnswer',
      'The answer of the switch of cluster east cannot be understood.',
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
    await scene.becomes(callId, 'Alerting');
  });

  it('of a user who is on no switch rings nobody', async () => {
    expect(engine.canRing(FOO)).toBe(true);
    expect(engine.canRing(LONELY)).toBe(false);
    expect(await refusalOf(engine.dial({ ...toBar, caller: LONELY }))).toMatchObject({ reason: 'noDevice' });
  });
});

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
      const call = await aCall({ state, ...(recordingState && { recordingState }) }, 'answered', ...before);
      await engine[command](call);
      expect(await scene.stored(call.callId)).toMatchObject(after);
      expect(scene.played.asks(/^PUT/)).toEqual([`PUT ${call.callId}/${asked}`]);
    },
  );

  it('asks for nothing more where its fact is stored by then, by whichever process', async () => {
    const call = await aCall();
    scene.played.next({ request: /Hold$/, first: () => scene.happens(call, 'held') });
    await engine.hold(call);
    expect(scene.played.lists).toBe(0);
  });

  it.each([
    ['release', 'DELETE', (call: Call) => engine.release(call)],
    ['blind transfer', 'PUT', (call: Call) => engine.blindTransfer(call, { address: '+3299999999' })],
  ] as const)('%s: the call has ended by the time of the answer', async (_, method, command) => {
    const call = await aCall();
    await command(call);
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Released' });
    expect(scene.played.asks(new RegExp(`^${method}`))).toHaveLength(1);
  });

  it('consultative transfer: both calls have ended by the time of the answer', async () => {
    const [call, consulted] = [await aCall({ state: 'Held' }, 'answered', 'held'), await aCall()];
    await engine.consultativeTransfer(call, consulted);
    expect(await scene.ongoing(FOO)).toEqual([]);
    expect(scene.played.asks(/^PUT/)).toEqual([`PUT ${call.callId}/ConsultTransfer/${consulted.callId}`]);
  });

  it('retrieve: the call that the switch has begun is stored by the time of the answer', async () => {
    const call = await aCall();
    const ids = await engine.retrieve(call, FOO);
    expect(await scene.stored(ids.callId)).toMatchObject({ ...ids, state: 'Alerting' });
  });

  it('retrieve: refused where the switch has no other device to ring', async () => {
    const call = await aCall();
    scene.played.next({ request: /CallRetrieve/, status: 409 });
    expect(await refusalOf(engine.retrieve(call, FOO))).toMatchObject({ reason: 'noDevice' });
  });

  it('for a call that the switch does not have any more ends it', async () => {
    const call = await aCall();
    scene.played.ends(user, call.callId);
    expect(await refusalOf(engine.hold(call))).toMatchObject({ reason: 'callGone' });
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Released' });
  });

  it.each([
    ['hold', 409, 'refused'],
    ['hold', 500, 'unavailable'],
    ['hold', 401, 'unavailable'],
    ['startRecording', 400, 'recordingFailed'],
    ['stopRecording', 409, 'recordingFailed'],
  ] as const)('%s that is answered %d: %s', async (command, status, reason) => {
    const call = await aCall();
    scene.played.next({ request: /^PUT/, status });
    expect(await refusalOf(engine[command](call))).toMatchObject({ reason });
    expect(scene.played.asks(/^PUT/)).toHaveLength(1);
  });

  it('consultative transfer that is refused: both calls are as before', async () => {
    const [call, consulted] = [await aCall({ state: 'Held' }, 'answered', 'held'), await aCall()];
    scene.played.next({ request: /ConsultTransfer/, status: 409 });
    const refusal = await refusalOf(engine.consultativeTransfer(call, consulted));
    expect(refusal).toMatchObject({ reason: 'transferFailed' });
    expect((await scene.ongoing(FOO)).map(({ state }) => state)).toEqual(['Held', 'Active']);
  });

  it('blind transfer that is refused: the call is as before', async () => {
    const call = await aCall();
    scene.played.next({ request: /BlindTransfer/, status: 400 });
    const refusal = await refusalOf(engine.blindTransfer(call, { address: '+3299999999' }));
    expect(refusal).toMatchObject({ reason: 'transferFailed' });
    expect(await scene.stored(call.callId)).toMatchObject({ state: 'Active' });
  });

  it('consultative transfer of a call that is in one', async () => {
    const [call, first, second] = [await aCall(), await aCall(), await aCall()];
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
    const call = await aCall();
    scene.played.next({ request: /Record$/, first: () => scene.happens(call, 'recordingFailed') });
    expect(await refusalOf(engine.startRecording(call))).toMatchObject({ reason: 'recordingFailed' });
  });

  it('whose answer is lost is not repeated, and what it did is found', async () => {
    const call = await aCall();
    scene.played.next({ request: /Hold$/, answerLost: true });
    expect(await refusalOf(engine.hold(call))).toMatchObject({ reason: 'timeout' });
    await scene.becomes(call.callId, 'Held');
    expect(scene.played.asks(/^PUT/)).toHaveLength(1);
  });
});

const STANDS: Record<string, [SeenCall['state'], SeenCall['recordingState']?]> = {
  held: ['Held'],
  recordingStarted: ['Active', 'Started'],
  'recordingStarted recordingPaused': ['Active', 'Paused'],
};

describe('Reading the calls of a user, while the switch tells nothing', () => {
  it('asks it, and what is stored is true then', async () => {
    const call = scene.played.has(user, { state: 'Held', answerTime: 5, heldTime: 6 });
    expect(await engine.catchUp(FOO)).toBe('switch');
    expect(await scene.ongoing(FOO)).toMatchObject([{ callId: call.callId, state: 'Held' }]);
  });

  it('asks it once for all who read at the same time', async () => {
    await Promise.all(Array.from({ length: 10 }, () => engine.catchUp(FOO)));
    expect(scene.played.lists).toBe(1);
  });

  it.each([
    [{ status: 500 }, 'unavailable'],
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
    expect(await engine.catchUp(LONELY as User)).toBe('store');
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
    [500, 'unavailable'],
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
  const ours = await aCall();
  await scene.journal.record({ sessionId: 'other', state: '{}', facts: [] });
  const next = new BroadWorksEngine(
    { clusters: [scene.played.settings()], commandTimeoutMs: 1_000 },
    directoryOf(FOO, BAR, LONELY),
    scene.store,
    new LeasesInMemory(),
  );
  await next.start(scene.journal, await scene.store.loadOngoing());
  await scene.becomes(lonely.callId, 'Released');
  await eventually(
    async () => ((await scene.store.findSession('other')) ? undefined : true),
    () => 'the session stays',
  );
  expect(await scene.stored(ours.callId)).toMatchObject({ state: 'Active' });
  await next.stop();
});
