import { Logger } from '@nestjs/common';
import { Admission } from '../../src/calls/application/admission.js';
import { type Destination, type EngineStep, StepRecorder } from '../../src/calls/application/call-engine.js';
import { StoreUnavailable } from '../../src/calls/application/call-repository.js';
import { FindDestination } from '../../src/calls/application/find-destination.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { CallFact } from '../../src/calls/domain/call-fact.js';
import { applyFact, beginCall, began } from '../../src/calls/domain/call-lifecycle.js';
import { addressOf, type User } from '../../src/directory/domain/user.js';
import { DEMO_DIRECTORY_FILE, YamlDirectory } from '../../src/directory/yaml/yaml-directory.js';
import { type AnchoredCall, AnchorCalls } from '../../src/imrn/application/anchor-calls.js';
import { DirectMedia } from '../../src/media/direct-media.js';
import type { Media } from '../../src/media/media.js';
import { RegistrationStore, type StoredBinding } from '../../src/engines/sip/phones/registration-store.js';
import { SipEngine } from '../../src/engines/sip/sip-engine.js';
import type { SipEngineSettings } from '../../src/engines/sip/sip-services.js';
import { eventually } from './wait.js';

/** Keeps steps in memory as the journal would in the store. */
class MemoryRecorder extends StepRecorder {
  readonly facts: CallFact[] = [];
  readonly calls = new Map<string, Call>();
  readonly sessions = new Map<string, string>();

  /** Facts that the tables do not list for the call as it was: an engine must not claim them. */
  readonly impossible: string[] = [];

  /** What becomes of a beginning: 'lost' ones are written, and nobody hears of it. */
  opens: 'stored' | 'refused' | 'lost' = 'stored';
  isCrowded = false;
  override crowded = () => this.isCrowded;
  override readonly away = false;

  override async open(step: EngineStep): Promise<void> {
    if (this.opens !== 'refused') await this.record(step);
    if (this.opens !== 'stored') throw new StoreUnavailable('away', this.opens === 'lost');
  }

  override async record({ sessionId, state, facts, absorbed }: EngineStep): Promise<void> {
    for (const fact of facts) {
      const before = this.calls.get(fact.callId);
      const call = began(fact) ? beginCall(fact, 1) : before && applyFact(before, fact);
      if (!call) {
        const what = `"${fact.kind}" does not apply to ${before?.state ?? 'no call'}`;
        this.impossible.push(what);
        throw new Error(what);
      }
      this.calls.set(fact.callId, call);
      this.facts.push(fact);
    }
    if (absorbed !== undefined) this.sessions.delete(absorbed);
    if (state === null) this.sessions.delete(sessionId);
    else if (state !== undefined) this.sessions.set(sessionId, state);
  }
}

/** What an engine has of its recorder: after a kill nothing of it reaches the store any more. */
class Fence extends StepRecorder {
  down = false;

  constructor(
    private readonly recorder: StepRecorder,
    private readonly stored: () => Promise<void>,
  ) {
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
    await this.stored();
    if (this.down) await new Promise(() => undefined);
  }
}

class MemoryRegistrations extends RegistrationStore {
  readonly bindings = new Map<string, StoredBinding>();
  away = false;
  override load = () => Promise.resolve([...this.bindings.values()]);
  override async save(binding: StoredBinding) {
    if (this.away) throw new StoreUnavailable('the store is away');
    this.bindings.set(`${binding.addressOfRecord} ${binding.contact}`, binding);
  }
  override async remove(addressOfRecord: string, contact: string) {
    if (this.away) throw new StoreUnavailable('the store is away');
    this.bindings.delete(`${addressOfRecord} ${contact}`);
  }
}

/** Leases by number; each is for anybody, once. */
class MemoryAnchors extends AnchorCalls {
  readonly leases = new Map<string, AnchoredCall>();

  override async claim(number: string): Promise<AnchoredCall | undefined> {
    const lease = this.leases.get(number);
    this.leases.delete(number);
    return lease;
  }
}

Logger.overrideLogger(false);

/** The SIP engine with the demo directory, without REST and store. */
export class EngineUnderTest {
  readonly recorder = new MemoryRecorder();
  readonly registrations = new MemoryRegistrations();
  readonly anchors = new MemoryAnchors();
  readonly admission = new Admission();
  /** Between a step's being stored and the engine's hearing of it. */
  stored: () => Promise<void> = () => Promise.resolve();
  engine!: SipEngine;
  private fence!: Fence;
  private directory!: YamlDirectory;

  constructor(
    private readonly settings: Partial<SipEngineSettings> = {},
    private readonly media: Media = new DirectMedia(),
  ) {}

  async start(port = 0): Promise<void> {
    this.directory ??= await YamlDirectory.load(DEMO_DIRECTORY_FILE);
    this.engine = new SipEngine(
      {
        host: '127.0.0.1',
        port,
        ringTimeoutMs: 5_000,
        transferTimeoutMs: 3_000,
        retrieveTimeoutMs: 3_000,
        commandTimeoutMs: 8_000,
        sessionExpiresSeconds: 1_800,
        digestAlgorithms: ['SHA-256', 'MD5'],
        nonceSecret: 'a secret of the test',
        ...this.settings,
      },
      this.directory,
      new FindDestination(this.directory),
      this.registrations,
      this.media,
      this.anchors,
      this.admission,
    );
    const sessions = [...this.recorder.sessions].map(([sessionId, state]) => ({
      sessionId,
      state,
      version: 1,
    }));
    const calls = [...this.recorder.calls.values()].filter(({ state }) => state !== 'Released');
    this.fence = new Fence(this.recorder, () => this.stored());
    await this.engine.start(this.fence, { calls, sessions });
  }

  /** As `kill -9`, and the next process on the same port. @param meanwhile while there is none */
  async killAndRestart(meanwhile?: () => Promise<void>): Promise<void> {
    const { port } = this.engine.address;
    this.fence.down = true;
    await this.engine.stop();
    await meanwhile?.();
    this.directory.onModuleDestroy();
    await this.start(port);
  }

  async stop(): Promise<void> {
    await this.engine.stop();
    this.directory.onModuleDestroy();
  }

  user(userId: string): User {
    const user = this.directory.findUser({ tenantId: 'foo', groupId: 'foogroup', userId });
    if (!user) throw new Error(`no ${userId}`);
    return user;
  }

  destination(number: string, caller = 'foouser'): Destination {
    return new FindDestination(this.directory).find(this.user(caller), number);
  }

  blindTransfer(callId: string, number: string): Promise<void> {
    return this.engine.blindTransfer(this.call(callId), this.destination(number));
  }

  consultativeTransfer(callId: string, consulted: string): Promise<void> {
    return this.engine.consultativeTransfer(this.call(callId), this.call(consulted));
  }

  /** foouser pulls the call to another device; resolves with the new call's id. */
  async retrieve(callId: string): Promise<string> {
    const retrieved = await this.engine.retrieve(this.call(callId), this.user('foouser'));
    return retrieved.callId;
  }

  /** foouser dials; resolves with the call's id. */
  async dial(number: string): Promise<string> {
    const caller = this.user('foouser');
    const order = { caller, callerAddress: addressOf(caller) ?? '', destination: this.destination(number) };
    const { callId } = await this.engine.dial(order);
    return callId;
  }

  call(callId: string): Call {
    const call = this.recorder.calls.get(callId);
    if (!call) throw new Error(`no call ${callId}`);
    return call;
  }

  /** The call of the user that is not released. */
  callOf(userId: string): Call | undefined {
    return [...this.recorder.calls.values()].find(
      ({ owner, state }) => owner.userId === userId && state !== 'Released',
    );
  }

  /** The facts of the call, in order. */
  kindsOf(callId: string): string[] {
    return this.recorder.facts.filter((fact) => fact.callId === callId).map(({ kind }) => kind);
  }

  /** Waits until the user's call is in the state. */
  async userReaches(userId: string, state: Call['state']): Promise<Call> {
    return eventually(
      () => (this.callOf(userId)?.state === state ? this.callOf(userId) : undefined),
      () => `the call of ${userId} is ${this.callOf(userId)?.state}, not ${state}`,
    );
  }

  async reaches(callId: string, state: Call['state']): Promise<Call> {
    return eventually(
      () => (this.call(callId).state === state ? this.call(callId) : undefined),
      () => `${callId} is ${this.call(callId).state}, not ${state}`,
    );
  }
}
