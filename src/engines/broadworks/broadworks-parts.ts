import type { StepRecorder } from '../../calls/application/call-engine.js';
import type { CallRepository } from '../../calls/application/call-repository.js';
import type { Directory } from '../../directory/application/directory.js';
import type { Accounts } from './accounts.js';
import { AdoptCalls } from './adopt-calls.js';
import { AskSwitch } from './ask-switch.js';
import { AtMost } from './at-most.js';
import { Cluster } from './cluster.js';
import { DialOnSwitch } from './dial-on-switch.js';
import type { ChannelLeases } from './events/channel-leases.js';
import { LookAgain } from './look-again.js';
import { RecordOnSwitch } from './record-on-switch.js';
import { SyncCalls } from './sync-calls.js';
import { TransferOnSwitch } from './transfer-on-switch.js';
import type { ClusterSettings } from './xsi/xsi-client.js';

/** Users in doubt that are asked for at the same time, of all clusters. */
const USERS_AT_A_TIME = 8;

export interface BroadWorksEngineSettings {
  clusters: ClusterSettings[];
  /** How long a command that the switch has confirmed may take to be stored. */
  commandTimeoutMs: number;
}

/** What a started engine consists of. */
export class BroadWorksParts {
  readonly sync: SyncCalls;
  readonly switches: AskSwitch;
  readonly dials: DialOnSwitch;
  readonly transfers: TransferOnSwitch;
  readonly recordings: RecordOnSwitch;
  private readonly lookAgain: LookAgain;
  private readonly byId: Map<string, Cluster>;
  private readonly stopping = new AbortController();

  constructor(
    { clusters, commandTimeoutMs }: BroadWorksEngineSettings,
    given: {
      accounts: Accounts;
      directory: Directory;
      repository: CallRepository;
      leases: ChannelLeases;
      recorder: StepRecorder;
    },
  ) {
    const { accounts, directory, repository, leases, recorder } = given;
    const actions = (cluster: string) => this.cluster(cluster).actions;
    this.sync = new SyncCalls(
      {
        repository,
        adopt: new AdoptCalls(recorder, accounts, directory),
        actions,
        storeAway: () => recorder.away,
        limit: new AtMost(USERS_AT_A_TIME),
        stopping: this.stopping.signal,
      },
      accounts,
    );
    this.byId = new Map(
      clusters.map((each) => [each.id, new Cluster(each, leases, this.sync.listenerOf(each.id))]),
    );
    const inStep = (cluster: string) => this.cluster(cluster).channel.inStep;
    this.switches = new AskSwitch(accounts, repository, this.sync, actions, inStep, commandTimeoutMs);
    this.dials = new DialOnSwitch(this.switches, recorder, this.sync);
    this.transfers = new TransferOnSwitch(this.switches);
    this.recordings = new RecordOnSwitch(this.switches);
    const holds = (id: string) => this.cluster(id).channel.holds;
    this.lookAgain = new LookAgain(repository, accounts, this.sync, holds);
  }

  get clusters(): Cluster[] {
    return [...this.byId.values()];
  }

  cluster(id: string): Cluster {
    const cluster = this.byId.get(id);
    if (!cluster) throw new Error(`No cluster ${id}`);
    return cluster;
  }

  start(): void {
    for (const { channel } of this.clusters) channel.start();
    this.lookAgain.start();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.lookAgain.stop();
    await Promise.all(this.clusters.map((cluster) => cluster.stop()));
  }
}
