import { Accounts } from '../../../../src/engines/broadworks/accounts.js';
import { AdoptCalls } from '../../../../src/engines/broadworks/adopt-calls.js';
import { AskSwitch } from '../../../../src/engines/broadworks/ask-switch.js';
import { AtMost } from '../../../../src/engines/broadworks/at-most.js';
import { DialOnSwitch } from '../../../../src/engines/broadworks/dial-on-switch.js';
import { LookAgain } from '../../../../src/engines/broadworks/look-again.js';
import { SyncCalls } from '../../../../src/engines/broadworks/sync-calls.js';
import type { SyncUser } from '../../../../src/engines/broadworks/sync-user.js';
import { XsiActions } from '../../../../src/engines/broadworks/xsi/actions.js';
import { XsiClient } from '../../../../src/engines/broadworks/xsi/xsi-client.js';
import type { CallIds } from '../../../../src/calls/application/call-engine.js';
import { eventually } from '../../../support/wait.js';
import { BAR, directoryOf, FOO, idOf, SwitchScene } from './switch-scene.js';

/** What keeps foouser in step with a switch, without the channel that tells it of events: the test does. */
export class SyncScene {
  readonly foo: SyncUser;
  readonly user = idOf(FOO);
  private readonly client: XsiClient;
  private readonly stopping = new AbortController();
  private readonly dials: DialOnSwitch;
  private readonly accounts = new Accounts(directoryOf(FOO, BAR), ['east']);
  private readonly sync: SyncCalls;

  private constructor(readonly scene: SwitchScene) {
    const { accounts } = this;
    accounts.refresh();
    this.client = new XsiClient(scene.played.settings());
    const actions = () => new XsiActions(this.client);
    const sync = (this.sync = new SyncCalls(
      {
        repository: scene.store,
        adopt: new AdoptCalls(scene.journal, accounts, directoryOf(FOO, BAR)),
        actions,
        storeAway: () => scene.journal.away,
        limit: new AtMost(2),
        stopping: this.stopping.signal,
      },
      accounts,
    ));
    this.foo = sync.of(this.owner);
    const switches = new AskSwitch(accounts, scene.store, sync, actions, () => true, 1_000);
    this.dials = new DialOnSwitch(switches, scene.journal, sync);
  }

  static async open(): Promise<SyncScene> {
    return new SyncScene(await SwitchScene.open());
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.client.close();
    await this.scene.close();
  }

  /** A round takes so many milliseconds. @param holds whether it is for this process to ask */
  lookAgain(roundMs: number, holds = true): LookAgain {
    return new LookAgain(this.scene.store, this.accounts, this.sync, () => holds, roundMs);
  }

  dial(address: string): Promise<CallIds> {
    return this.dials.dial(this.owner, {
      caller: FOO,
      callerAddress: '+3212345600',
      destination: { address },
    });
  }

  /** Resolves when the switch has been asked so many times for all calls. */
  async listed(times: number): Promise<void> {
    const { played } = this.scene;
    await eventually(
      () => played.lists >= times || undefined,
      () => `asked ${played.lists} times`,
    );
  }

  private get owner() {
    const owner = this.accounts.onSwitch(FOO);
    if (!owner) throw new Error('foouser has no account');
    return owner;
  }
}
