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
import { AdoptCalls } from './adopt-calls.js';
import { AskSwitch } from './ask-switch.js';
import { AtMost } from './at-most.js';
import { Cluster } from './cluster.js';
import { DialOnSwitch } from './dial-on-switch.js';
import type { ChannelLeases } from './events/channel-leases.js';
import { leftovers } from './leftovers.js';
import { RecordOnSwitch } from './record-on-switch.js';
import { refusalFor } from './refusals.js';
import { SyncCalls } from './sync-calls.js';
import { TransferOnSwitch } from './transfer-on-switch.js';
import type { ClusterSettings } from './xsi/xsi-client.js';

const LOOK_AT_DIRECTORY_EVERY_MS = 2_000;
/** Users in doubt that are asked for at the same time, of all clusters. */
const USERS_AT_A_TIME = 8;
/** How long a read waits for what the switch has told and is about to be stored. */
const SETTLED_WITHIN_MS = 500;

/**
 * Calls on BroadWorks clusters, by Xsi-Actions and Xsi-Events v2.0. The switch is the truth: every call of every user
 * with an account is stored as the switch tells of it, whoever has begun it. Commands ask, and wait for their facts.
 */
export class BroadWorksEngine extends CallEngine {
  private readonly logger = new Logger(BroadWorksEngine.name);
  private readonly accounts: Accounts;
  private parts: ReturnType<BroadWorksEngine['assemble']> | undefined;

  constructor(
    private readonly settings: { clusters: ClusterSettings[]; commandTimeoutMs: number },
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

  override start(
    recorder: StepRecorder,
    found: { calls: Call[]; sessions: StoredSession[] },
  ): Promise<void> {
    const parts = this.assemble(recorder);
    this.parts = parts;
    this.followDirectory(parts.clusters);
    for (const step of leftovers(found, this.accounts, Date.now())) {
      recorder.record(step).catch((error: unknown) => {
        this.logger.error(`What another engine has left stays: ${String(error)}`);
      });
    }
    for (const { channel } of parts.clusters.values()) channel.start();
    return Promise.resolve();
  }

  override async stop(): Promise<void> {
    const { parts } = this;
    if (!parts) return;
    this.parts = undefined;
    clearInterval(parts.watch);
    parts.stopping.abort();
    await Promise.all([...parts.clusters.values()].map((cluster) => cluster.stop()));
  }

  /** A cluster that is away leaves the others, and what is stored, alone. */
  override get serving(): boolean {
    return this.parts !== undefined;
  }

  /** Which devices are there only the switch knows. */
  override canRing(user: User): boolean {
    return this.accounts.onSwitch(user) !== undefined;
  }

  override dial(order: DialOrder): Promise<CallIds> {
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

  override blindTransfer(call: Call, destination: Destination): Promise<void> {
    return this.running.transfers.blindTransfer(call, destination);
  }

  override consultativeTransfer(call: Call, consulted: Call): Promise<void> {
    return this.running.transfers.consultativeTransfer(call, consulted);
  }

  /** The switch chooses the call and the device; the new call is stored as the switch tells of it. */
  override async retrieve(_call: Call, user: User): Promise<CallIds> {
    const owner = this.onSwitch(user);
    const { switches } = this.running;
    const ids = await switches.ask(owner, { refused: 'noDevice', gone: 'callGone' }, (actions, userId) =>
      actions.retrieve(userId),
    );
    await switches.untilStored(owner, ids.callId);
    return ids;
  }

  override startRecording(call: Call): Promise<void> {
    return this.running.recordings.ask(call, 'Record');
  }

  override pauseRecording(call: Call): Promise<void> {
    return this.running.recordings.ask(call, 'PauseRecording');
  }

  override resumeRecording(call: Call): Promise<void> {
    return this.running.recordings.ask(call, 'ResumeRecording');
  }

  override stopRecording(call: Call): Promise<void> {
    return this.running.recordings.ask(call, 'StopRecording');
  }

  override async catchUp(user: User): Promise<CallsFrom> {
    const owner = this.accounts.onSwitch(user);
    if (!owner) return 'store';
    const { cluster } = owner.account;
    const calls = this.running.sync.of(owner);
    if (!calls.inDoubt && (await this.running.clusterOf(cluster).channel.inStep)) {
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
  leaseImrn(user: User, calling: string, called: string): Promise<string> {
    return this.running.switches.ask(this.onSwitch(user), { refused: 'refused' }, (actions, userId) =>
      actions.leaseImrn(userId, calling, called),
    );
  }

  private onSwitch(user: User): OnSwitch {
    const owner = this.accounts.onSwitch(user);
    if (!owner) throw new EngineRefusal('noDevice');
    return owner;
  }

  private followDirectory(clusters: ReadonlyMap<string, Cluster>): void {
    if (!this.accounts.refresh()) return;
    for (const { id, channel } of clusters.values())
      channel.setUsers(this.accounts.on(id).map(({ account }) => account.userId));
  }

  private get running() {
    if (!this.parts) throw new EngineRefusal('unavailable', 'The service is stopping.');
    return this.parts;
  }

  private assemble(recorder: StepRecorder) {
    const { accounts, directory, repository, settings } = this;
    const clusters = new Map<string, Cluster>();
    const clusterOf = (id: string): Cluster => {
      const cluster = clusters.get(id);
      if (!cluster) throw new Error(`No cluster ${id}`);
      return cluster;
    };
    const actions = (cluster: string) => clusterOf(cluster).actions;
    const stopping = new AbortController();
    const sync = new SyncCalls(
      {
        repository,
        adopt: new AdoptCalls(recorder, accounts, directory),
        actions,
        storeAway: () => recorder.away,
        limit: new AtMost(USERS_AT_A_TIME),
        stopping: stopping.signal,
      },
      accounts,
    );
    for (const each of settings.clusters)
      clusters.set(each.id, new Cluster(each, this.leases, sync.listenerOf(each.id)));
    const switches = new AskSwitch(accounts, repository, sync, actions, settings.commandTimeoutMs);
    const watch = setInterval(() => this.followDirectory(clusters), LOOK_AT_DIRECTORY_EVERY_MS).unref();
    return {
      clusters,
      clusterOf,
      sync,
      switches,
      dials: new DialOnSwitch(switches, recorder, sync),
      transfers: new TransferOnSwitch(switches),
      recordings: new RecordOnSwitch(switches),
      watch,
      stopping,
    };
  }
}
