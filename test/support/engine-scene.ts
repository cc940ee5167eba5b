import { type CallEngine, type CallIds, EngineRefusal } from '../../src/calls/application/call-engine.js';
import type { Call } from '../../src/calls/domain/call.js';
import { began } from '../../src/calls/domain/call-lifecycle.js';
import { addressOf } from '../../src/directory/domain/user.js';
import type { EngineHarness, ScriptedDevice } from '../contracts/call-engine.contract.js';
import { eventually } from './wait.js';

const USERS = ['foouser', 'baruser', 'bazuser'];
const AT = '@sip.example.test';

/** Three users of an engine and their phones, as the contract of engines needs them. */
export class EngineScene {
  constructor(readonly harness: EngineHarness) {}

  get engine(): CallEngine {
    return this.harness.engine;
  }

  /** foouser's phone on the desk. */
  get desk(): ScriptedDevice {
    return this.harness.device(`LP_foouser${AT}`);
  }

  /** foouser's other one, which is absent at first. */
  get mobile(): ScriptedDevice {
    return this.harness.device(`MB_foouser${AT}`);
  }

  get bar(): ScriptedDevice {
    return this.harness.device(`LP_baruser${AT}`);
  }

  get baz(): ScriptedDevice {
    return this.harness.device(`LP_bazuser${AT}`);
  }

  /** foouser dials, as the use case does it. */
  async dial(number: string): Promise<CallIds> {
    const caller = this.harness.user('foouser');
    if (!this.engine.canRing(caller)) throw new EngineRefusal('noDevice');
    const destination = this.harness.destination(caller, number);
    return this.engine.dial({ caller, callerAddress: addressOf(caller) ?? '', destination });
  }

  /** foouser talks with the other, who has the number. */
  async talking(number = '5601', other = 'baruser'): Promise<Call> {
    const { callId } = await this.dial(number);
    await this.userReaches(other, 'Active');
    return this.reaches(callId, 'Active');
  }

  /** As it is stored now. */
  async call(callId: string): Promise<Call> {
    for (const userId of USERS) {
      const found = (await this.harness.callsOf(userId)).find((call) => call.callId === callId);
      if (found) return found;
    }
    throw new Error(`${callId} is not stored`);
  }

  async ongoing(userId: string): Promise<Call[]> {
    return (await this.harness.callsOf(userId)).filter(({ state }) => state !== 'Released');
  }

  async reaches(callId: string, ...states: Call['state'][]): Promise<Call> {
    let call: Call | undefined;
    return eventually(
      async () => {
        call = await this.call(callId);
        return states.includes(call.state) ? call : undefined;
      },
      () => `${callId} is ${call?.state}, not ${states.join(' or ')}`,
    );
  }

  /** Resolves with the only call of the user that has not ended, once it is in one of the states. */
  async userReaches(userId: string, ...states: Call['state'][]): Promise<Call> {
    let calls: Call[] = [];
    return eventually(
      async () => {
        calls = await this.ongoing(userId);
        const [call, another] = calls;
        return call && !another && states.includes(call.state) ? call : undefined;
      },
      () =>
        `${userId} has ${calls.map(({ state }) => state).join(', ') || 'no call'}, not ${states.join(' or ')}`,
    );
  }

  /** @param wanted undefined: nothing is being recorded */
  async recordingReaches(callId: string, wanted: Call['recordingState']): Promise<void> {
    let state: Call['recordingState'];
    await eventually(
      async () => {
        state = (await this.call(callId)).recordingState;
        return state === wanted || undefined;
      },
      () => `the recording of ${callId} is ${state}, not ${wanted}`,
    );
  }

  async rings(device: ScriptedDevice, count = 1): Promise<void> {
    await this.counts(() => device.ringing(), count, 'calls ring');
  }

  async talks(device: ScriptedDevice, count = 1): Promise<void> {
    await this.counts(() => device.talking(), count, 'calls are up');
  }

  private async counts(ask: () => Promise<number>, wanted: number, what: string): Promise<void> {
    let count = 0;
    await eventually(
      async () => ((count = await ask()) === wanted ? true : undefined),
      () => `${count} ${what}, not ${wanted}`,
    );
  }

  /** The kinds of the facts of one call that are about the call itself; whether the far end rings not every switch tells. */
  async kindsOf(callId: string): Promise<string[]> {
    const kinds = (await this.harness.factsOf(callId)).map(({ kind }) => kind);
    return kinds.filter((kind) => kind !== 'remoteRinging' && !kind.startsWith('recording'));
  }

  async recordingKindsOf(callId: string): Promise<string[]> {
    const kinds = (await this.harness.factsOf(callId)).map(({ kind }) => kind);
    return kinds.filter((kind) => kind.startsWith('recording'));
  }

  /** Releases whatever there is. @throws Error where a call began or ended more than once, or a phone still has one */
  async endAll(): Promise<void> {
    for (const userId of USERS) {
      for (const call of await this.ongoing(userId))
        await this.engine.release(call).catch((error: unknown) => {
          if (!(error instanceof EngineRefusal && error.reason === 'callGone')) throw error;
        });
    }
    for (const userId of USERS) {
      for (const { callId } of await this.harness.callsOf(userId)) {
        await this.reaches(callId, 'Released');
        const facts = await this.harness.factsOf(callId);
        const [begins, ends] = [facts.filter(began), facts.filter(({ kind }) => kind === 'released')];
        if (begins.length !== 1 || ends.length !== 1 || !began(facts[0]!) || facts.at(-1) !== ends[0])
          throw new Error(`${callId} has ${facts.map(({ kind }) => kind).join(', ')}`);
      }
    }
    for (const device of [this.desk, this.mobile, this.bar, this.baz]) {
      await this.rings(device, 0);
      await this.talks(device, 0);
    }
  }
}
