import { Logger } from '@nestjs/common';
import { EngineRefusal } from '../../calls/application/call-engine.js';
import { type CallRepository, StoreUnavailable } from '../../calls/application/call-repository.js';
import type { Call } from '../../calls/domain/call.js';
import type { Accounts, OnSwitch } from './accounts.js';
import { awaitFact } from './await-fact.js';
import { type InWords, isAboutCredentials, maybeDone, refusalFor } from './refusals.js';
import type { SyncCalls } from './sync-calls.js';
import { within } from './within.js';
import type { XsiActions } from './xsi/actions.js';
import { XsiRefused } from './xsi/errors.js';

/** How long the event that tells of a change is waited for, before the switch is asked. Milliseconds. */
const FACT_WITHIN_MS = 1_000;

/** Asks a switch for a change, once, and waits until what is stored shows it. */
export class AskSwitch {
  private readonly logger = new Logger(AskSwitch.name);

  constructor(
    private readonly accounts: Accounts,
    private readonly repository: CallRepository,
    private readonly sync: SyncCalls,
    private readonly actions: (cluster: string) => XsiActions,
    /** Whether what the cluster tells unasked is stored, by this process or another one. */
    private readonly inStep: (cluster: string) => boolean | Promise<boolean>,
    /** How long a command that the switch has confirmed waits for what is not told: milliseconds. */
    private readonly commandTimeoutMs: number,
  ) {}

  /**
   * Changes a call. Resolves when the switch has confirmed and the change is stored, as the switch tells of it or, where
   * it does not for a second, as it says when it is asked.
   * @param shows whether the stored call shows the change; a released call shows every one
   * @returns the call as it is stored then @throws EngineRefusal, StoreUnavailable
   */
  async change(
    call: Call,
    words: InWords,
    ask: (actions: XsiActions, switchUserId: string) => Promise<void>,
    shows: (call: Call) => boolean,
  ): Promise<Call | undefined> {
    const owner = this.accounts.of(call.owner);
    if (!owner) throw new EngineRefusal('callGone');
    await this.ask(owner, { gone: 'callGone', ...words }, ask);
    return this.untilStored(owner, call.callId, shows);
  }

  /** @returns what the switch has answered @throws EngineRefusal */
  async ask<T>(
    owner: OnSwitch,
    words: InWords,
    ask: (actions: XsiActions, switchUserId: string) => Promise<T>,
  ): Promise<T> {
    const { cluster, userId } = owner.account;
    try {
      return await ask(this.actions(cluster), userId);
    } catch (error) {
      if (isAboutCredentials(error))
        this.logger.error(`Cluster ${cluster} does not take the credentials of the service`);
      const gone = error instanceof XsiRefused && error.status === 404;
      if (gone && words.gone === 'callGone') await this.resync(owner);
      // Whether it was done is found out from the switch; it is never asked to do it again.
      else if (maybeDone(error)) void this.sync.of(owner).doubt();
      throw refusalFor(error, cluster, words);
    }
  }

  /** @returns the call as it is stored then; undefined where it is not @throws StoreUnavailable */
  async untilStored(
    owner: OnSwitch,
    callId: string,
    shows: (call: Call) => boolean = () => true,
  ): Promise<Call | undefined> {
    const look = async () => {
      const call = await this.repository.find(callId);
      return call && (call.state === 'Released' || shows(call)) ? call : undefined;
    };
    try {
      const isTold = await this.inStep(owner.account.cluster);
      const stored = await awaitFact(look, isTold ? FACT_WITHIN_MS : 0);
      if (stored) return stored;
      await within(this.commandTimeoutMs, this.resync(owner));
      return await this.repository.find(callId);
    } catch (error) {
      // The switch has done it.
      if (error instanceof StoreUnavailable) throw new StoreUnavailable(error.message, true);
      throw error;
    }
  }

  /** The same for the end of a call that another change brings about. @throws StoreUnavailable */
  async untilEnded({ owner, callId }: Call): Promise<void> {
    const on = this.accounts.of(owner);
    if (on) await this.untilStored(on, callId, () => false);
  }

  /** The command has its answer, whatever comes of this. */
  private async resync(owner: OnSwitch): Promise<void> {
    const user = this.sync.of(owner);
    try {
      await user.resyncAnew();
    } catch (error) {
      this.logger.debug(`Not asked after a command: ${String(error)}`);
      void user.doubt();
    }
  }
}
