import type { Answer } from '../support/rest-client.js';
import { RaceScene } from '../support/race-scene.js';

/**
 * Clients that act on one call at the same instant, and phones that hang up meanwhile. Whoever wins: each answer is a
 * success or a refusal of the contract, each call goes one way of the table to one end, and nothing is left.
 */

const ROUNDS = 100;
const LONG_MS = 120_000;

const scene = new RaceScene();
beforeAll(() => scene.start(), 30_000);
afterAll(() => scene.close());

const toBaz = (callId: string) => scene.act(callId, { action: 'blindTransfer', phoneNumber: '5602' });
const toPause = (callId: string) => scene.act(callId, { action: 'blindTransfer', phoneNumber: '5603' });
const join = (callId: string, transferCallId: string) =>
  scene.act(callId, { action: 'consultativeTransfer', transferCallId });
const act = (callId: string, action: string) => scene.act(callId, { action });

type Racer = () => Promise<Answer | undefined>;

const ON_ONE_CALL: Record<string, (callId: string) => Racer[]> = {
  'hold × release': (id) => [() => act(id, 'hold'), () => scene.release(id)],
  'two holds': (id) => [() => act(id, 'hold'), () => act(id, 'hold')],
  'hold × hang-up by the far phone': (id) => [() => act(id, 'hold'), () => scene.hangUp('LP_baruser')],
  'blind transfer × release': (id) => [() => toBaz(id), () => scene.release(id)],
  'blind transfer × hold': (id) => [() => toBaz(id), () => act(id, 'hold')],
  'blind transfer × hang-up by the far phone': (id) => [() => toBaz(id), () => scene.hangUp('LP_baruser')],
  'blind transfer × hang-up by the own phone': (id) => [() => toBaz(id), () => scene.hangUp('LP_foouser')],
  'blind transfer × hang-up by the target': (id) => [() => toBaz(id), () => scene.hangUp('LP_bazuser')],
  'two blind transfers': (id) => [() => toBaz(id), () => toPause(id)],
  'retrieve × release': (id) => [() => scene.retrieve(), () => scene.release(id)],
  'retrieve × hold': (id) => [() => scene.retrieve(), () => act(id, 'hold')],
  'retrieve × blind transfer': (id) => [() => scene.retrieve(), () => toBaz(id)],
  'retrieve × hang-up by the far phone': () => [() => scene.retrieve(), () => scene.hangUp('LP_baruser')],
  'two retrieves': () => [() => scene.retrieve(), () => scene.retrieve()],
  'start × stop of a recording × release': (id) => [
    () => act(id, 'startRecording'),
    () => act(id, 'stopRecording'),
    () => scene.release(id),
  ],
};

const ON_TWO_CALLS: Record<string, (held: string, consulted: string) => Racer[]> = {
  'release of the held call': (held, consulted) => [() => join(held, consulted), () => scene.release(held)],
  'release of the consulted call': (held, consulted) => [
    () => join(held, consulted),
    () => scene.release(consulted),
  ],
  'reconnect of the held call': (held, consulted) => [
    () => join(held, consulted),
    () => act(held, 'reconnect'),
  ],
  'hang-up by the held phone': (held, consulted) => [
    () => join(held, consulted),
    () => scene.hangUp('LP_baruser'),
  ],
  'hang-up by the consulted phone': (held, consulted) => [
    () => join(held, consulted),
    () => scene.hangUp('LP_bazuser'),
  ],
  'the same again': (held, consulted) => [() => join(held, consulted), () => join(held, consulted)],
  'the other way round': (held, consulted) => [() => join(held, consulted), () => join(consulted, held)],
};

describe(`no call is in two states and nothing is left, after each of ${ROUNDS} rounds of`, () => {
  it.each(Object.entries(ON_ONE_CALL))(
    '%s',
    async (_, racers) => {
      expect(await scene.race(ROUNDS, async () => racers(await scene.talk()))).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'hold × reconnect × release of a held call',
    async () => {
      const prepare = async () => {
        const id = await scene.talkHeld();
        return [() => act(id, 'hold'), () => act(id, 'reconnect'), () => scene.release(id)];
      };
      expect(await scene.race(ROUNDS, prepare)).toEqual([]);
    },
    LONG_MS,
  );

  it.each(Object.entries(ON_TWO_CALLS))(
    'consultative transfer × %s',
    async (_, racers) => {
      const prepare = async () => {
        const { held, consulted } = await scene.consult();
        return racers(held, consulted);
      };
      expect(await scene.race(ROUNDS, prepare)).toEqual([]);
    },
    LONG_MS,
  );
});
