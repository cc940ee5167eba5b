import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admission } from '../../src/calls/application/admission.js';
import { BlindTransferCall } from '../../src/calls/application/blind-transfer-call.js';
import { CallJournal } from '../../src/calls/application/call-journal.js';
import { CommandCall } from '../../src/calls/application/command-call.js';
import { ConsultativeTransfer } from '../../src/calls/application/consultative-transfer.js';
import { DialNumber } from '../../src/calls/application/dial-number.js';
import { FindDestination } from '../../src/calls/application/find-destination.js';
import { GetCall } from '../../src/calls/application/get-call.js';
import { ListCalls } from '../../src/calls/application/list-calls.js';
import { RecordCall } from '../../src/calls/application/record-call.js';
import { RetrieveCall } from '../../src/calls/application/retrieve-call.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { CallBegan } from '../../src/calls/domain/call-fact.js';
import { beginCall } from '../../src/calls/domain/call-lifecycle.js';
import { CallRefused } from '../../src/calls/domain/call-refused.js';
import type { RecordingMode, User } from '../../src/directory/domain/user.js';
import { DEMO_DIRECTORY_FILE, YamlDirectory } from '../../src/directory/yaml/yaml-directory.js';
import { SqliteCallRepository } from '../../src/persistence/sqlite/sqlite-call-repository.js';
import { SqliteStoreHealth } from '../../src/persistence/sqlite/sqlite-store-health.js';
import { SqliteStore } from '../../src/persistence/sqlite/sqlite-store.js';
import { CallEngineDouble } from './call-engine-double.js';
import { after, aNewCall, type LaterKind } from './some-calls.js';

/** The use cases on the embedded store and the demo directory, before an engine that the test decides over. */
export class UseCases {
  readonly engine = new CallEngineDouble();
  readonly admission = new Admission();
  readonly commands: CommandCall;
  readonly calls: GetCall;
  private readonly destinations: FindDestination;

  private constructor(
    private readonly folder: string,
    private readonly store: SqliteStore,
    readonly repository: SqliteCallRepository,
    private readonly directory: YamlDirectory,
  ) {
    this.commands = new CommandCall(repository, new CallJournal(repository, new SqliteStoreHealth(store)));
    this.calls = new GetCall(repository, this.engine);
    this.destinations = new FindDestination(directory);
  }

  static async open(): Promise<UseCases> {
    const folder = mkdtempSync(join(tmpdir(), 'use-cases-'));
    const store = await SqliteStore.open(folder);
    const directory = await YamlDirectory.load(DEMO_DIRECTORY_FILE);
    return new UseCases(folder, store, new SqliteCallRepository(store), directory);
  }

  async close(): Promise<void> {
    this.directory.onModuleDestroy();
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get blindTransfer(): BlindTransferCall {
    return new BlindTransferCall(this.calls, this.commands, this.destinations, this.engine);
  }

  get consultativeTransfer(): ConsultativeTransfer {
    return new ConsultativeTransfer(this.calls, this.commands, this.engine);
  }

  get record(): RecordCall {
    return new RecordCall(this.calls, this.commands, this.engine);
  }

  get list(): ListCalls {
    return new ListCalls(this.repository, this.engine);
  }

  get dial(): DialNumber {
    return new DialNumber(this.admission, this.destinations, this.engine);
  }

  get retrieve(): RetrieveCall {
    return new RetrieveCall(this.list, this.commands, this.engine);
  }

  user(userId: string): User {
    const user = this.directory.findUser({ tenantId: 'foo', groupId: 'foogroup', userId });
    if (!user) throw new Error(`no ${userId}`);
    return user;
  }

  /** A stored call to which these things have happened. */
  async call(
    userId: string,
    kinds: LaterKind[] = [],
    { as = 'originated', mode = 'On Demand' }: { as?: CallBegan['kind']; mode?: RecordingMode } = {},
  ): Promise<Call> {
    const began = { ...aNewCall(userId).fact, kind: as, recordingMode: mode } as CallBegan;
    const first = beginCall(began, 1);
    await this.repository.save({ calls: [{ call: first, fact: began }] });
    return this.happens(first, ...kinds);
  }

  async happens(call: Call, ...kinds: LaterKind[]): Promise<Call> {
    for (const kind of kinds) {
      const next = after(call, kind);
      await this.repository.save({ calls: [next] });
      call = next.call;
    }
    return call;
  }

  /** Ends all calls of the user, so that the next test begins without. */
  async none(userId: string): Promise<void> {
    for (const call of await this.repository.listOngoing(this.user(userId).ref))
      await this.happens(call, 'released');
    this.engine.asked.length = 0;
  }
}

/** What the client is told of a refusal. */
export async function refusalOf(
  command: Promise<unknown>,
): Promise<{ reason: string } & CallRefused['detail']> {
  const outcome: unknown = await command.then(
    () => 'success',
    (error: unknown) => error,
  );
  if (!(outcome instanceof CallRefused)) throw new Error(`no refusal but ${String(outcome)}`);
  return { reason: outcome.reason, ...outcome.detail };
}
