import type { CallEngine, Destination } from '../../src/calls/application/call-engine.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { CallFact } from '../../src/calls/domain/call-fact.js';
import type { User } from '../../src/directory/domain/user.js';
import { EngineScene } from '../support/engine-scene.js';
import { eventually } from '../support/wait.js';
import { describeChanges } from './call-engine-changes.contract.js';
import { describeSetUp } from './call-engine-set-up.contract.js';
import { describeTransfers } from './call-engine-transfers.contract.js';

/** What a device does when it is called. `absent`: it is not there, nobody can ring it. */
export type DeviceDoes = 'answers' | 'rings' | 'declines' | 'busy' | 'absent';

/** A phone of a user that does what the test says. */
export interface ScriptedDevice {
  /** From the next call on; resolves when it is so. */
  does(what: DeviceDoes): Promise<void>;
  /** Answers the call that rings. @throws Error where none does */
  pickUp(): Promise<void>;
  /** Ends whatever it has, without waiting for the other side to take note. */
  hangUp(): Promise<void>;
  /** Holds its last call, as with the key of the phone. */
  hold(): Promise<void>;
  resume(): Promise<void>;
  /** Calls; resolves with the SIP status that the caller sees at last: 200 when somebody has answered. */
  dial(number: string): Promise<number>;
  /** Calls that ring on it now. */
  ringing(): Promise<number>;
  /** Calls that it has answered or placed and that have not ended, as far as it knows. */
  talking(): Promise<number>;
}

/**
 * An engine with the users of the demo directory (`src/directory/demo-directory.yaml`), their phones, a store, and a
 * world outside whose numbers do what those of the sandbox do (`src/sandbox/virtual-trunk.ts`).
 */
export interface EngineHarness {
  /**
   * Resolves when the engine serves and knows of its switch what it must. No call is there, and every device answers,
   * but `MB_foouser`, which is absent.
   */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * As a crash: the engine ends without a word, and what it does after that reaches neither store nor phones. The next
   * one has the same store, and serves when the promise resolves.
   * @param meanwhile happens while no engine is there
   */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  /** The engine of now: another one after a restart. */
  readonly engine: CallEngine;
  /** Of the tenant and group of foouser. */
  user(userId: string): User;
  destination(caller: User, number: string): Destination;
  /** @param addressOfRecord of the demo directory, such as `LP_foouser@sip.example.test` */
  device(addressOfRecord: string): ScriptedDevice;
  /** All that is stored of the user's calls, released ones too, in the order in which they began. */
  callsOf(userId: string): Promise<Call[]>;
  /** What is stored of one call, oldest first. */
  factsOf(callId: string): Promise<CallFact[]>;
}

/** What a start, or the end of all calls, may take. */
const HOOK_MS = 30_000;

/** What every engine must do. @param open makes a harness that has not been started */
export function describeCallEngine(open: () => EngineHarness): void {
  let scene: EngineScene;

  beforeEach(async () => {
    scene = new EngineScene(open());
    await scene.harness.start();
  }, HOOK_MS);
  afterEach(async () => {
    try {
      await scene.endAll();
    } finally {
      await scene.harness.stop();
    }
  }, HOOK_MS);

  describeSetUp(() => scene);
  describeChanges(() => scene);
  describeTransfers(() => scene);

  describe('a restart', () => {
    it('takes up the calls that are there', async () => {
      const { callId } = await scene.talking();
      await scene.harness.restart();
      await scene.reaches(callId, 'Active');
      await scene.engine.hold(await scene.call(callId));
      await scene.reaches(callId, 'Held');
      await scene.userReaches('baruser', 'Remote Held');
      await scene.engine.release(await scene.call(callId));
      await scene.talks(scene.bar, 0);
    });

    it('ends the calls that have ended meanwhile', async () => {
      const { callId } = await scene.talking();
      const theirs = await scene.userReaches('baruser', 'Active');
      await scene.harness.restart(() => scene.bar.hangUp());
      await Promise.all([callId, theirs.callId].map((id) => scene.reaches(id, 'Released')));
    });

    it('leaves no call ringing of which the store says that it has ended, and none ended that rings', async () => {
      await scene.desk.does('rings');
      const { callId } = await scene.dial('5601');
      await scene.rings(scene.desk);
      await scene.harness.restart();
      let seen = '';
      await eventually(
        async () => {
          const [{ state }, ringing] = [await scene.call(callId), await scene.desk.ringing()];
          seen = `${state}, ${ringing} ring`;
          return seen === 'Released, 0 ring' || seen === 'Alerting, 1 ring' || undefined;
        },
        () => seen,
      );
    });
  });

  it('that is in step with its switch has calls read as they are stored', async () => {
    const { callId } = await scene.talking();
    expect(await scene.engine.catchUp(scene.harness.user('foouser'))).toBe('store');
    await scene.reaches(callId, 'Active');
  });

  it('serves once it has been started', () => {
    expect(scene.engine.serving).toBe(true);
    expect(scene.engine.canRing(scene.harness.user('foouser'))).toBe(true);
  });
}
