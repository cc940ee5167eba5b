import type { LaterKind } from '../../support/some-calls.js';
import { refusalOf, UseCases } from '../../support/use-cases.js';

let cases: UseCases;
beforeAll(async () => {
  cases = await UseCases.open();
});
afterEach(() => cases.none('foouser'));
afterAll(() => cases.close());

const retrieve = () => cases.retrieve.retrieve(cases.user('foouser'));

/** Calls of foouser in the order in which they began, each with what has happened to it; which one is retrieved. */
const PICKS: [string, LaterKind[][], number][] = [
  ['the only one', [['answered']], 0],
  ['the active one, not a held one', [['answered', 'held'], ['answered'], ['answered', 'held']], 1],
  ['the active one, not one held by the other side', [['answered', 'remoteHeld'], ['answered']], 1],
  [
    'one held by the other side, not a held one',
    [
      ['answered', 'remoteHeld'],
      ['answered', 'held'],
    ],
    0,
  ],
  ['a held one, not one that rings', [[], ['answered', 'held'], ['deviceAnswered']], 1],
  ['one held by both sides', [['answered', 'held', 'remoteHeld']], 0],
  ['the active one, not one that is being retrieved', [['answered', 'detached'], ['answered']], 1],
];

describe('a retrieve picks', () => {
  it.each(PICKS)('%s: %j', async (_, calls, picked) => {
    const began = [];
    for (const kinds of calls) began.push(await cases.call('foouser', kinds));
    await retrieve();
    expect(cases.engine.asked).toEqual([`retrieve ${began[picked]?.callId} foouser`]);
  });

  it('of several held ones the one held last, though it began first', async () => {
    const first = await cases.call('foouser', ['answered']);
    await cases.call('foouser', ['answered', 'held', 'remoteHeld']);
    await cases.happens(first, 'held');
    await retrieve();
    expect(cases.engine.asked).toEqual([`retrieve ${first.callId} foouser`]);
  });
});

describe('a retrieve', () => {
  it('answers a new call with the tracking id of the one that is pulled', async () => {
    const call = await cases.call('foouser', ['answered']);
    const answer = await retrieve();
    expect(answer).toEqual({
      callId: expect.stringMatching(/^callhalf-\d+:0$/),
      externalTrackingId: call.externalTrackingId,
    });
    expect(answer.callId).not.toBe(call.callId);
  });

  it('of a user without calls finds none, whatever others have', async () => {
    await cases.call('baruser', ['answered']);
    await cases.call('foouser', ['answered', 'released']);
    expect(await refusalOf(retrieve())).toEqual({ reason: 'noCallToRetrieve' });
  });

  it.each([[[]], [['deviceAnswered']]] as LaterKind[][][])(
    'of a call to which this has happened, %j, is refused',
    async (kinds) => {
      await cases.call('foouser', kinds);
      expect(await refusalOf(retrieve())).toEqual({ reason: 'invalidCallState' });
      expect(cases.engine.asked).toEqual([]);
    },
  );

  it('of a call that is being retrieved already is refused', async () => {
    await cases.call('foouser', ['answered', 'detached']);
    cases.engine.refuse('busy');
    expect(await refusalOf(retrieve())).toEqual({ reason: 'invalidCallState' });
  });

  it('prefers a call whose device is lost to one that is held', async () => {
    await cases.call('foouser', ['answered', 'held']);
    const lost = await cases.call('foouser', ['answered', 'detached']);
    await retrieve();
    expect(cases.engine.asked).toEqual([`retrieve ${lost.callId} foouser`]);
  });

  it('that no other device can take is refused, and tells how the call is', async () => {
    await cases.call('foouser', ['answered', 'held']);
    cases.engine.refuse('noDevice');
    expect(await refusalOf(retrieve())).toMatchObject({ reason: 'endpointState', callState: 'Held' });
  });

  it('of a call that ends meanwhile finds none', async () => {
    const call = await cases.call('foouser', ['answered']);
    cases.engine.refuse('callGone', async () => void (await cases.happens(call, 'released')));
    expect(await refusalOf(retrieve())).toEqual({ reason: 'noCallToRetrieve' });
  });
});
