import { Logger } from '@nestjs/common';
import {
  CallEngine,
  type CallIds,
  type CallsFrom,
  type Destination,
  type DialOrder,
  EngineRefusal,
  type StepRecorder,
} from '../../calls/application/call-engine.js';
import type { CallRepository, StoredSession } from '../../calls/application/call-repository.js';
import type { Call } from '../../calls/domain/call.js';
import type { Directory } from '../../directory/application/directory.js';
import type { User } from '../../directory/domain/user.js';
import { Accounts, type OnSwitch } from './accounts.js';
import { type BroadWorksEngineSettings, BroadWorksParts } from './broadworks-parts.js';
import type { ClusterFigures } from './cluster.js';
import type { ChannelLeases } from './events/channel-leases.js';
import { leftovers } from './leftovers.js';
import { refusalFor } from './refusals.js';

const LOOK_AT_DIRECTORY_EVERY_MS = 2_000;
/** How long a read waits for what the switch has told and is about to be stored. */
const SETTLED_WITHIN_MS = 500;

/**
 * Calls on BroadWorks clusters, by Xsi-Actions and Xsi-Events v2.0. The switch is the truth: every call of every user
 * with an account is stored as the switch tells of it, whoever has begun it. Commands ask, and wait for their facts.
 */
export class BroadWorksEngine extends CallEngine {
  private readonly logger = new Logger(BroadWorksEngine.name);
  private readonly accounts: Accounts;
  private parts: BroadWorksParts | undefined;
  private watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: BroadWorksEngineSettings,
    private readonly directory: Directory,
    private readonly repository: CallRepository,
    private readonly leases: ChannelLeases,
  ) {
    super();
    this.accounts = new Accounts(
      directory,
      settings.clusters.map(({ id }) => id),
    );
  }

  override start(recorder: StepRecorder, found: { calls: Call[]; sessions: StoredSession[] }): Promise<void> {
    const { accounts, directory, leases, repository, settings } = this;
    const parts = new BroadWorksParts(settings, { accounts, directory, repository, leases, recorder });
    this.parts = parts;
    this.followDirectory();
    this.watch = setInterval(() => this.followDirectory(), LOOK_AT_DIRECTORY_EVERY_MS).unref();
    for (const step of leftovers(found, accounts, Date.now())) {
      recorder.record(step).catch((error: unknown) => {
        this.logger.error(`What another engine has left stays: ${String(error)}`);
      });
    }
    parts.start();
    return Promise.resolve();
  }

  override async stop(): Promise<void> {
    const { parts } = this;
    this.parts = undefined;
    clearInterval(this.watch);
    await parts?.stop();
  }

  /** A cluster that is away leaves the others, and what is stored, alone. */
  override get serving(): boolean {
    return this.parts !== undefined;
  }

  override async outOfStep(): Promise<string[]> {
    const clusters = this.parts?.clusters ?? [];
    const inStep = await Promise.all(clusters.map(({ channel }) => channel.inStep));
    return clusters.filter((_, index) => !inStep[index]).map(({ id }) => id);
  }

  /** For metrics. */
  get figures(): ClusterFigures[] {
    return this.parts?.clusters.map(({ figures }) => figures) ?? [];
  }

  /** Which devices are there only the switch knows. */
  override canRing(user: User): boolean {
    return this.accounts.onSwitch(user) !== undefined;
  }

  override async dial(order: DialOrder): Promise<CallIds> {
    return this.running.dials.dial(this.onSwitch(order.caller), order);
  }

  override async hold(call: Call): Promise<void> {
    await this.running.switches.change(
      call,
      { refused: 'refused' },
      (actions, userId) => actions.command(userId, call.callId, 'Hold'),
      ({ state }) => state === 'Held' || state === 'Both Held',
    );
  }

  override async reconnect(call: Call): Promise<void> {
    await this.running.switches.change(
      call,
      { refused: 'refused' },
      (actions, userId) => actions.command(userId, call.callId, 'Reconnect'),
      ({ state }) => state !== 'Held' && state !== 'Both Held',
    );
  }

  override async release(call: Call): Promise<void> {
    await this.running.switches.change(
      call,
      { refused: 'refused' },
      (actions, userId) => actions.release(userId, call.callId),
      () => false,
    );
  }

  override async blindTransfer(call: Call, destination: Destination): Promise<void> {
    return this.running.transfers.blindTransfer(call, destination);
  }

  override async consultativeTransfer(call: Call, consulted: Call): Promise<void> {
    return this.running.transfers.consultativeTransfer(call, consulted);
  }

  /**
   * The switch chooses the call and the device; the new call is stored as the switch tells of it. One that it does not
   * tell of has ended already.
   */
  override async retrieve({ remoteParty }: Call, user: User): Promise<CallIds> {
    const owner = this.onSwitch(user);
    const { switches, dials } = this.running;
    const ids = await switches.ask(owner, { refused: 'noDevice', gone: 'callGone' }, (actions, userId) =>
      actions.retrieve(userId),
    );
    const stored = await switches.untilStored(owner, ids.callId);
    if (!stored) await dials.begun(owner, ids, remoteParty, true);
    return ids;
  }

  override async startRecording(call: Call): Promise<void> {
    return this.running.recordings.ask(call, 'Record');
  }

  override async pauseRecording(call: Call): Promise<void> {
    return this.running.recordings.ask(call, 'PauseRecording');
  }

  override async resumeRecording(call: Call): Promise<void> {
    return this.running.recordings.ask(call, 'ResumeRecording');
  }

  override async stopRecording(call: Call): Promise<void> {
    return this.running.recordings.ask(call, 'StopRecording');
  }

  override async catchUp(user: User): Promise<CallsFrom> {
    const owner = this.accounts.onSwitch(user);
    if (!owner) return 'store';
    const { cluster, userId } = owner.account;
    const calls = this.running.sync.of(owner);
    // Nobody has subscribed yet to one who has just appeared in the directory.
    if (!this.accounts.find(cluster, userId)) this.followDirectory();
    if (!calls.inDoubt && (await this.running.cluster(cluster).channel.inStep)) {
      await calls.settled(SETTLED_WITHIN_MS);
      return 'store';
    }
    try {
      await calls.resync();
      return 'switch';
    } catch (error) {
      throw refusalFor(error, cluster, { refused: 'unavailable' });
    }
  }

  /** @returns the number, as the switch writes it @throws EngineRefusal refused, noDevice, unavailable, timeout, badAnswer */
  async leaseImrn(user: User, calling: string, called: string): Promise<string> {
    return this.running.switches.ask(this.onSwitch(user), { refused: 'refused' }, (actions, userId) =>
      actions.leaseImrn(userId, calling, called),
    );
  }

  private onSwitch(user: User): OnSwitch {
    const owner = this.accounts.onSwitch(user);
    if (!owner) throw new EngineRefusal('noDevice');
    return owner;
  }

  private followDirectory(): void {
    if (!this.accounts.refresh()) return;
    for (const cluster of this.accounts.unknown)
      this.logger.error(
        `Cluster ${cluster}, which the directory names, has not been in BROADWORKS_FILE at the start: its users have no switch`,
      );
    for (const { id, channel } of this.parts?.clusters ?? [])
      channel.setUsers(this.accounts.on(id).map(({ account }) => account.userId));
  }

  private get running(): BroadWorksParts {
    if (!this.parts) throw new EngineRefusal('unavailable', 'The service is stopping.');
    return this.parts;
  }
}
