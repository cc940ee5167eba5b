import type { Call } from '../../../src/calls/domain/call.js';
import type { LaterKind } from '../../support/some-calls.js';
import { refusalOf, UseCases } from '../../support/use-cases.js';

let cases: UseCases;
beforeAll(async () => {
  cases = await UseCases.open();
});
beforeEach(() => {
  cases.engine.asked.length = 0;
});
afterAll(() => cases.close());

const TALKING = ['hold', 'blindTransfer', 'consultativeTransfer', 'startRecording', 'retrieve', 'release'];
const HOLDING = [
  'reconnect',
  'blindTransfer',
  'consultativeTransfer',
  'startRecording',
  'retrieve',
  'release',
];

const blindly = (call: Call, number = '5601') =>
  cases.blindTransfer.blindTransfer(cases.user(call.owner.userId), call.callId, number);

const join = (call: Call, consulted: { callId: string }) =>
  cases.consultativeTransfer.transfer(cases.user('foouser'), call.callId, consulted.callId);

describe('a blind transfer', () => {
  it.each([
    ['5601', '+3212345601'],
    ['5602', '5602'],
    ['012 34 56 78', '+3212345678'],
    ['+3225126778', '+3225126778'],
  ])('to %s goes to %s', async (number, address) => {
    const call = await cases.call('foouser', ['answered']);
    await blindly(call, number);
    expect(cases.engine.asked).toEqual([`blindTransfer ${call.callId} ${address}`]);
  });

  it.each(['5699', 'abc', '+32', 'sip:5601@example.com'])('to %s is refused', async (number) => {
    const call = await cases.call('foouser', ['answered']);
    expect(await refusalOf(blindly(call, number))).toMatchObject({
      reason: 'invalidPhoneNumber',
      message: expect.any(String),
    });
    expect(cases.engine.asked).toEqual([]);
  });

  it('deflects a received call that rings, and not one that the user has placed', async () => {
    await blindly(await cases.call('foouser', [], { as: 'received' }));
    expect(cases.engine.asked).toHaveLength(1);
    expect(await refusalOf(blindly(await cases.call('foouser')))).toEqual({
      reason: 'callState',
      callState: 'Alerting',
      allowedActions: ['consultativeTransfer', 'release'],
    });
  });

  it('of a call between two devices is refused for that', async () => {
    const call = await cases.call('foouser', ['answered', 'detached']);
    expect(await refusalOf(blindly(call))).toEqual({
      reason: 'callDetached',
      callState: 'Detached',
      allowedActions: ['retrieve', 'release'],
    });
  });

  it('of a user whom nothing can be charged to is refused', async () => {
    const call = await cases.call('quxuser', ['answered']);
    expect(await refusalOf(blindly(call))).toEqual({ reason: 'noChargeAddress' });
  });

  it('of another user’s call finds none', async () => {
    const call = await cases.call('baruser', ['answered']);
    const asked = cases.blindTransfer.blindTransfer(cases.user('foouser'), call.callId, '5602');
    expect(await refusalOf(asked)).toEqual({ reason: 'callNotFound' });
  });

  it('that fails tells how the call is by then, not how it was', async () => {
    const call = await cases.call('foouser', ['answered']);
    cases.engine.refuse('transferFailed', async () => void (await cases.happens(call, 'held')));
    expect(await refusalOf(blindly(call))).toEqual({
      reason: 'transferFailed',
      callState: 'Held',
      allowedActions: HOLDING,
    });
  });

  it('that fails and whose call has ended since is told so', async () => {
    const call = await cases.call('foouser', ['answered']);
    cases.engine.refuse('transferFailed', async () => void (await cases.happens(call, 'released')));
    expect(await refusalOf(blindly(call))).toEqual({
      reason: 'transferFailed',
      callState: 'Released',
      allowedActions: [],
    });
  });

  it('that fails is told so even where the store has gone away since', async () => {
    const alone = await UseCases.open();
    const call = await alone.call('foouser', ['answered']);
    alone.engine.refuse('transferFailed', async () => {
      await alone.happens(call, 'released');
      await alone.close();
    });
    const asked = alone.blindTransfer.blindTransfer(alone.user('foouser'), call.callId, '5601');
    expect(await refusalOf(asked)).toEqual({ reason: 'transferFailed' });
  });

  it.each([
    ['refused', 'endpointState'],
    ['noDevice', 'endpointState'],
    ['busy', 'callBusy'],
    ['timeout', 'engineTimeout'],
  ] as const)('that the engine refuses: %s is %s', async (refusal, reason) => {
    const call = await cases.call('foouser', ['answered']);
    cases.engine.refuse(refusal);
    expect(await refusalOf(blindly(call))).toEqual({ reason, callState: 'Active', allowedActions: TALKING });
  });

  it.each([
    ['unavailable', 'engineUnavailable'],
    ['timeout', 'engineTimeout'],
    ['badAnswer', 'engineBadAnswer'],
  ] as const)('whose switch is out of order tells which: %s is %s', async (refusal, reason) => {
    const call = await cases.call('foouser', ['answered']);
    const message = 'The switch of cluster east did not answer in time.';
    cases.engine.refuse(refusal, undefined, message);
    expect(await refusalOf(blindly(call))).toMatchObject({ reason, message, callState: 'Active' });
  });

  it('of a call that is gone by then finds none', async () => {
    const call = await cases.call('foouser', ['answered']);
    cases.engine.refuse('callGone');
    expect(await refusalOf(blindly(call))).toEqual({ reason: 'callNotFound' });
  });
});

describe('a consultative transfer', () => {
  it.each([
    [['answered', 'held'], ['answered']],
    [['answered'], ['answered', 'held']],
    [['answered', 'held'], ['deviceAnswered']],
    [[], ['answered', 'held']],
    [
      ['answered', 'held'],
      ['answered', 'held', 'remoteHeld'],
    ],
  ] as LaterKind[][][])('joins %j and %j', async (one = [], two = []) => {
    const [call, consulted] = [await cases.call('foouser', one), await cases.call('foouser', two)];
    await join(call, consulted);
    expect(cases.engine.asked).toEqual([`consultativeTransfer ${call.callId} ${consulted.callId}`]);
  });

  it('of a call with itself is refused, also of one that is not there', async () => {
    const call = await cases.call('foouser', ['answered']);
    expect(await refusalOf(join(call, call))).toEqual({ reason: 'sameCall' });
    const none = { ...call, callId: 'callhalf-1:0' };
    expect(await refusalOf(join(none, none))).toEqual({ reason: 'sameCall' });
  });

  it.each(['first', 'second'])('of which the %s call is another user’s finds none', async (which) => {
    const [own, other] = [
      await cases.call('foouser', ['answered']),
      await cases.call('baruser', ['answered']),
    ];
    const asked = which === 'first' ? join(other, own) : join(own, other);
    expect(await refusalOf(asked)).toMatchObject({ reason: 'callNotFound' });
    expect(cases.engine.asked).toEqual([]);
  });

  it.each(['first', 'second'])('of which the %s call is between two devices is refused', async (which) => {
    const good = await cases.call('foouser', ['answered', 'held']);
    const detached = await cases.call('foouser', ['answered', 'detached']);
    const asked = which === 'first' ? join(detached, good) : join(good, detached);
    expect(await refusalOf(asked)).toMatchObject({ reason: 'callDetached', callState: 'Detached' });
    expect(cases.engine.asked).toEqual([]);
  });

  it.each(['first', 'second'])('of which the %s call rings at the user is refused', async (which) => {
    const good = await cases.call('foouser', ['answered', 'held']);
    const ringing = await cases.call('foouser', [], { as: 'received' });
    const asked = which === 'first' ? join(ringing, good) : join(good, ringing);
    expect(await refusalOf(asked)).toMatchObject({ reason: 'callState', callState: 'Alerting' });
  });

  it('of two calls that both ring at their other ends is refused', async () => {
    const [alerting, answered] = [
      await cases.call('foouser'),
      await cases.call('foouser', ['deviceAnswered']),
    ];
    expect(await refusalOf(join(alerting, answered))).toMatchObject({
      reason: 'callState',
      callState: 'Answered',
    });
    expect(cases.engine.asked).toEqual([]);
  });

  it('during another one is refused with a text of its own', async () => {
    const [call, consulted] = [
      await cases.call('foouser', ['answered', 'held']),
      await cases.call('foouser', ['answered']),
    ];
    cases.engine.refuse('consultationInProgress');
    expect(await refusalOf(join(call, consulted))).toMatchObject({
      reason: 'consultationInProgress',
      callState: 'Held',
    });
  });
});
