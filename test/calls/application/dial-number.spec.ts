import { aboutCall, type CallInHand } from '../../../src/calls/application/call-context.js';
import { refusalOf, UseCases } from '../../support/use-cases.js';

let cases: UseCases;
beforeAll(async () => {
  cases = await UseCases.open();
});
beforeEach(() => {
  cases.engine.asked.length = 0;
  cases.engine.rings = true;
});
afterAll(() => cases.close());

const dial = (number: string, userId = 'foouser') => cases.dial.dial(cases.user(userId), number);

describe('a dial', () => {
  it('asks the engine for the number that is meant, and answers the ids that it gives', async () => {
    const inHand: CallInHand = {};
    const ids = await aboutCall(inHand, () => dial('0032 12 34 56 78'));
    expect(cases.engine.asked).toEqual(['dial foouser +3212345678']);
    expect(ids).toEqual({
      callId: expect.stringMatching(/^callhalf-/),
      externalTrackingId: expect.any(String),
    });
    expect(inHand).toEqual(ids);
  });

  it('for a user of whom no device can be rung asks nothing', async () => {
    cases.engine.rings = false;
    expect(await refusalOf(dial('5601'))).toEqual({ reason: 'endpointState' });
    expect(cases.engine.asked).toEqual([]);
  });

  it('of a user without number and extension is refused before anything is asked', async () => {
    expect(await refusalOf(dial('5601', 'quxuser'))).toEqual({ reason: 'noChargeAddress' });
    expect(cases.engine.asked).toEqual([]);
  });

  it.each([
    ['noDevice', 'endpointState'],
    ['refused', 'endpointState'],
    ['unavailable', 'engineUnavailable'],
  ] as const)('that the engine refuses: %s is %s', async (refusal, reason) => {
    cases.engine.refuse(refusal);
    expect(await refusalOf(dial('5601'))).toEqual({ reason });
  });

  it.each(['unavailable', 'timeout', 'badAnswer'] as const)(
    'that is refused as %s tells what does not answer',
    async (refusal) => {
      cases.engine.refuse(refusal, undefined, 'The switch of cluster east is silent.');
      expect(await refusalOf(dial('5601'))).toMatchObject({
        message: 'The switch of cluster east is silent.',
      });
    },
  );

  it('tells nothing of what the engine says of a device', async () => {
    cases.engine.refuse('refused', undefined, 'SDP of 10.0.0.7');
    expect(await refusalOf(dial('5601'))).toEqual({ reason: 'endpointState' });
  });
});
