import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Logger } from '@nestjs/common';
import {
  type Destination,
  type EngineStep,
  StepRecorder,
} from '../../../src/calls/application/call-engine.js';
import { CallJournal } from '../../../src/calls/application/call-journal.js';
import { FindDestination } from '../../../src/calls/application/find-destination.js';
import type { Call } from '../../../src/calls/domain/call.js';
import type { CallFact } from '../../../src/calls/domain/call-fact.js';
import type { User } from '../../../src/directory/domain/user.js';
import { DEMO_DIRECTORY_FILE, YamlDirectory } from '../../../src/directory/yaml/yaml-directory.js';
import { BroadWorksEngine } from '../../../src/engines/broadworks/broadworks-engine.js';
import { SqliteCallRepository } from '../../../src/persistence/sqlite/sqlite-call-repository.js';
import { SqliteChannelLeases } from '../../../src/persistence/sqlite/sqlite-channel-leases.js';
import { SqliteStoreHealth } from '../../../src/persistence/sqlite/sqlite-store-health.js';
import { SqliteStore } from '../../../src/persistence/sqlite/sqlite-store.js';
import type { EngineHarness, ScriptedDevice } from '../../contracts/call-engine.contract.js';
import { startTcpRelay, type TcpRelay } from '../tcp-relay.js';
import { eventually } from '../wait.js';
import { ADMINISTRATOR } from './clusters-file.js';
import { StandIn } from './stand-in.js';
import { StandInDevice } from './stand-in-device.js';

const CLUSTER = 'demo';

Logger.overrideLogger(false);

/** What an engine has of its recorder: after a crash nothing of it reaches the store any more. */
class Fence extends StepRecorder {
  down = false;

  constructor(private readonly recorder: StepRecorder) {
    super();
  }

  override crowded = (sessionId: string) => this.recorder.crowded(sessionId);
  override get away() {
    return this.recorder.away;
  }
  override open = (step: EngineStep) => this.pass(() => this.recorder.open(step));
  override record = (step: EngineStep) => this.pass(() => this.recorder.record(step));

  private async pass(store: () => Promise<void>): Promise<void> {
    if (!this.down) await store();
    if (this.down) await new Promise(() => undefined);
  }
}

/** One life of the engine, with its own way to the switch. */
interface Life {
  engine: BroadWorksEngine;
  journal: CallJournal;
  fence: Fence;
  relay: TcpRelay;
}

/** The engine on the embedded store, before the stand-in. */
export class BroadWorksHarness implements EngineHarness {
  private standIn!: StandIn;
  private directory!: YamlDirectory;
  private folder!: string;
  private store!: SqliteStore;
  private repository!: SqliteCallRepository;
  private life!: Life;

  async start(): Promise<void> {
    this.standIn = await StandIn.start();
    await this.standIn.phoneDoes('MB_foouser@sip.example.test', { does: 'absent' });
    this.directory = await YamlDirectory.load(DEMO_DIRECTORY_FILE);
    this.folder = mkdtempSync(join(tmpdir(), 'broadworks-engine-'));
    this.store = await SqliteStore.open(this.folder);
    this.repository = new SqliteCallRepository(this.store);
    await this.live();
  }

  async stop(): Promise<void> {
    const { engine, journal, relay } = this.life;
    await engine.stop();
    await journal.close(0);
    await relay.stop();
    this.directory.onModuleDestroy();
    await this.store.close();
    await this.standIn.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async restart(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    const { engine, journal, fence, relay } = this.life;
    fence.down = true;
    await relay.stop();
    await Promise.all([engine.stop(), meanwhile()]);
    await journal.close(0);
    await this.live();
  }

  get engine(): BroadWorksEngine {
    return this.life.engine;
  }

  user(userId: string): User {
    const user = this.directory.findUser({ tenantId: 'foo', groupId: 'foogroup', userId });
    if (!user) throw new Error(`no ${userId}`);
    return user;
  }

  destination(caller: User, number: string): Destination {
    return new FindDestination(this.directory).find(caller, number);
  }

  device(addressOfRecord: string): ScriptedDevice {
    return new StandInDevice(this.standIn, addressOfRecord);
  }

  async callsOf(userId: string): Promise<Call[]> {
    const database = new DatabaseSync(join(this.folder, 'calls.sqlite'), { readOnly: true });
    try {
      const rows = database
        .prepare(
          `SELECT document FROM calls WHERE user_id = ?
           ORDER BY (SELECT MIN(sequence) FROM call_events AS e WHERE e.call_id = calls.call_id)`,
        )
        .all(userId);
      return rows.map(({ document }) => JSON.parse(String(document)) as Call);
    } finally {
      database.close();
    }
  }

  async factsOf(callId: string): Promise<CallFact[]> {
    return (await this.repository.eventsOf(callId)).map(({ fact }) => fact);
  }

  private async live(): Promise<void> {
    const relay = await startTcpRelay(Number(new URL(this.standIn.url).port));
    const cluster = {
      id: CLUSTER,
      url: `http://127.0.0.1:${relay.port}`,
      ...ADMINISTRATOR,
      timeoutMs: 5_000,
      maxConcurrent: 50,
    };
    const engine = new BroadWorksEngine(
      { clusters: [cluster], commandTimeoutMs: 8_000 },
      this.directory,
      this.repository,
      new SqliteChannelLeases(this.store),
    );
    const journal = new CallJournal(this.repository, new SqliteStoreHealth(this.store));
    const fence = new Fence(journal);
    this.life = { engine, journal, fence, relay };
    const found = await this.repository.loadOngoing();
    journal.adopt(found);
    await engine.start(fence, found);
    await eventually(
      async () => (await this.isInStep()) || undefined,
      () => 'the engine does not hear of its switch',
    );
  }

  private async isInStep(): Promise<boolean> {
    return (await this.engine.catchUp(this.user('foouser')).catch(() => undefined)) === 'store';
  }
}
