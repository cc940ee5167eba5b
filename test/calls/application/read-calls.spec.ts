import { type CallsFrom, EngineRefusal } from '../../../src/calls/application/call-engine.js';
import type { Call } from '../../../src/calls/domain/call.js';
import { refusalOf, UseCases } from '../../support/use-cases.js';

const AWAY = 'The switch of cluster east cannot be reached.';

let cases: UseCases;
beforeAll(async () => {
  cases = await UseCases.open();
});
afterEach(async () => {
  cases.engine.catchesUp = () => Promise.resolve('store');
  await cases.none('foouser');
});
afterAll(() => cases.close());

const foo = () => cases.user('foouser');

/** Each way to the calls of a user, for the call of that id. */
const WAYS: Record<string, (callId: string) => Promise<{ calls: Call[]; from: CallsFrom }>> = {
  'the list': () => cases.list.list(foo()),
  'the details': async (callId) => {
    const { call, from } = await cases.calls.get(foo(), callId);
    return { calls: [call], from };
  },
};

describe.each(Object.entries(WAYS))('%s', (_, read) => {
  it.each(['store', 'switch'] as const)('says that the calls come from the %s', async (from) => {
    const { callId } = await cases.call('foouser');
    cases.engine.catchesUp = () => Promise.resolve(from);
    expect((await read(callId)).from).toBe(from);
  });

  it('tells what the engine has found out just before', async () => {
    const call = await cases.call('foouser');
    cases.engine.catchesUp = async () => {
      await cases.happens(call, 'answered');
      return 'switch';
    };
    expect((await read(call.callId)).calls).toMatchObject([{ callId: call.callId, state: 'Active' }]);
  });

  it.each([
    ['unavailable', 'engineUnavailable'],
    ['timeout', 'engineTimeout'],
    ['badAnswer', 'engineBadAnswer'],
  ] as const)('is refused where the engine cannot find out: %s is %s', async (refusal, reason) => {
    const { callId } = await cases.call('foouser');
    cases.engine.catchesUp = () => Promise.reject(new EngineRefusal(refusal, AWAY));
    expect(await refusalOf(read(callId))).toEqual({ reason, message: AWAY });
  });
});

describe('a retrieve', () => {
  it('picks among the calls that the engine has found out about', async () => {
    const ringing = await cases.call('foouser');
    cases.engine.catchesUp = async () => {
      await cases.happens(ringing, 'answered');
      return 'switch';
    };
    await cases.retrieve.retrieve(foo());
    expect(cases.engine.asked).toEqual([`retrieve ${ringing.callId} foouser`]);
  });
});
