import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import * as fc from 'fast-check';
import { CallJournal } from '../../src/calls/application/call-journal.js';
import type { StoreHealth } from '../../src/calls/application/store-health.js';
import type { CallRepository } from '../../src/calls/application/call-repository.js';
import type { Call, RecordingState } from '../../src/calls/domain/call.js';
import type { CallFact } from '../../src/calls/domain/call-fact.js';
import {
  allowedCommands,
  type CallCommand,
  COMMANDS,
  TRANSITIONS,
} from '../../src/calls/domain/call-lifecycle.js';
import { RECORDING_TRANSITIONS } from '../../src/calls/domain/recording.js';
import { PostgresCallRepository } from '../../src/persistence/postgres/postgres-call-repository.js';
import { PostgresStoreHealth } from '../../src/persistence/postgres/postgres-store-health.js';
import { PostgresStore } from '../../src/persistence/postgres/postgres-store.js';
import { SqliteCallRepository } from '../../src/persistence/sqlite/sqlite-call-repository.js';
import { SqliteStoreHealth } from '../../src/persistence/sqlite/sqlite-store-health.js';
import { SqliteStore } from '../../src/persistence/sqlite/sqlite-store.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { aFact, aNewCall, type LaterKind, OUTCOMES } from '../support/some-calls.js';

Logger.overrideLogger(false);

const LATER: LaterKind[] = [
  'remoteRinging',
  'deviceAnswered',
  'answered',
  'held',
  'reconnected',
  'remoteHeld',
  'remoteReconnected',
  'transferred',
  'detached',
  'reattached',
  'released',
  'recordingPending',
  'recordingStarted',
  'recordingPaused',
  'recordingResumed',
  'recordingStopped',
  'recordingFailed',
];

/** What the table says has happened to a call: written down here by hand-over from fact to fact. */
interface Expected {
  sessionId: string;
  state: Call['state'];
  recording: RecordingState | 'None';
  version: number;
  facts: CallFact['kind'][];
}

interface Model {
  calls: Map<string, Expected>;
}

interface Real {
  repository: CallRepository;
  /** Two processes that write the same calls. */
  journals: [CallJournal, CallJournal];
}

class Begin implements fc.AsyncCommand<Model, Real> {
  check = () => true;
  toString = () => 'begin';

  async run(model: Model, { journals, repository }: Real): Promise<void> {
    const { fact } = aNewCall(`user${model.calls.size}`);
    if (fact.kind !== 'dialed') throw new Error('a call begins with a dial');
    const sessionId = fact.externalTrackingId;
    await journals[0].open({ sessionId, state: '{}', facts: [fact] });
    model.calls.set(fact.callId, {
      sessionId,
      state: 'Alerting',
      recording: 'None',
      version: 1,
      facts: ['dialed'],
    });
    await sameAs(model, repository, fact.callId);
  }
}

/** A fact comes in one of the processes, whether the table lists it or not. */
class Report implements fc.AsyncCommand<Model, Real> {
  constructor(
    private readonly which: number,
    private readonly kind: LaterKind,
    private readonly process: 0 | 1,
  ) {}

  check = ({ calls }: Readonly<Model>) => calls.size > 0;
  toString = () => `${this.kind} of call ${this.which} in process ${this.process}`;

  async run(model: Model, { journals, repository }: Real): Promise<void> {
    const [callId, expected] = [...model.calls][this.which % model.calls.size] as [string, Expected];
    const journal = journals[this.process];
    const found = await repository.find(callId);
    // A process that has not served the call reads it first, as one does that takes it over.
    if (this.process === 1 && found) {
      const session = await repository.findSession(expected.sessionId);
      journal.adopt({ calls: [found], sessions: session ? [session] : [] });
    }
    const step = { sessionId: expected.sessionId, facts: [aFact(this.kind, callId)] };
    await journal.record(
      this.kind === 'released' ? { ...step, state: null } : { ...step, state: `"${this.kind}"` },
    );
    apply(expected, this.kind);
    await sameAs(model, repository, callId);
  }
}

/** A command is put only where the lifecycle allows it; then its fact must apply. */
class Command implements fc.AsyncCommand<Model, Real> {
  constructor(
    private readonly which: number,
    private readonly command: CallCommand,
  ) {}

  check = ({ calls }: Readonly<Model>) => calls.size > 0;
  toString = () => `${this.command} of call ${this.which}`;

  async run(model: Model, { journals, repository }: Real): Promise<void> {
    const [callId, expected] = [...model.calls][this.which % model.calls.size] as [string, Expected];
    const call = await repository.find(callId);
    if (!call || !allowedCommands(call).includes(this.command)) return;
    const before = expected.version;
    const kind = OUTCOMES[this.command];
    await journals[0].record({ sessionId: expected.sessionId, facts: [aFact(kind, callId)] });
    apply(expected, kind);
    expect(expected.version).toBe(before + 1);
    await sameAs(model, repository, callId);
  }
}

function apply(expected: Expected, kind: LaterKind): void {
  const { state, recording } = expected;
  const next = (TRANSITIONS[state] as Partial<Record<LaterKind, Call['state']>>)[kind];
  const recordingNext =
    state === 'Released'
      ? undefined
      : (RECORDING_TRANSITIONS[recording] as Partial<Record<LaterKind, RecordingState | 'None'>>)[kind];
  if (!next && !recordingNext) return;
  expected.state = next ?? state;
  expected.recording = recordingNext ?? recording;
  expected.version++;
  expected.facts.push(kind);
}

async function sameAs({ calls }: Model, repository: CallRepository, callId: string): Promise<void> {
  const expected = calls.get(callId);
  const call = await repository.find(callId);
  expect({
    state: call?.state,
    recording: call?.recordingState ?? 'None',
    version: call?.version,
  }).toEqual({ state: expected?.state, recording: expected?.recording, version: expected?.version });
  const events = await repository.eventsOf(callId);
  expect(events.map(({ fact }) => fact.kind)).toEqual(expected?.facts);
  expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
  const ends = events.filter(({ fact }) => fact.kind === 'released');
  expect(ends).toHaveLength(call?.state === 'Released' ? 1 : 0);
}

const commands = fc.commands(
  [
    fc.constant(new Begin()),
    fc
      .tuple(fc.nat(5), fc.constantFrom(...LATER), fc.constantFrom(0 as const, 1 as const))
      .map((given) => new Report(...given)),
    fc
      .tuple(fc.nat(5), fc.constantFrom(...(Object.keys(COMMANDS) as CallCommand[])))
      .map((given) => new Command(...given)),
  ],
  { maxCommands: 40 },
);

async function expectLifecycle(
  repository: CallRepository,
  health: StoreHealth,
  numRuns: number,
): Promise<void> {
  const real = () => ({
    model: { calls: new Map<string, Expected>() },
    real: {
      repository,
      journals: [new CallJournal(repository, health), new CallJournal(repository, health)],
    } satisfies Real,
  });
  await fc.assert(
    fc.asyncProperty(commands, (sequence) => fc.asyncModelRun(real, sequence)),
    { numRuns },
  );
}

describe('the lifecycle under any sequence of commands and facts, from two processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'model-'));
  let server: Postgres | undefined;

  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('holds on the embedded store', async () => {
    const store = await SqliteStore.open(join(folder, 'sqlite'));
    await expectLifecycle(new SqliteCallRepository(store), new SqliteStoreHealth(store), 150);
    await store.close();
  }, 60_000);

  it('holds on PostgreSQL', async () => {
    server = await startPostgres(join(folder, 'postgres'));
    const store = await PostgresStore.open(await server.database('model'));
    await expectLifecycle(new PostgresCallRepository(store), new PostgresStoreHealth(store), 60);
    await store.close();
  }, 60_000);
});
