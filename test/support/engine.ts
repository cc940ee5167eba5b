import { Logger } from '@nestjs/common';
import { type EngineStep, StepRecorder } from '../../src/calls/application/call-engine.js';
import { newCallId, newTrackingId } from '../../src/calls/application/call-ids.js';
import { FindDestination } from '../../src/calls/application/find-destination.js';
import type { Call } from '../../src/calls/domain/call.js';
import type { CallFact } from '../../src/calls/domain/call-fact.js';
import { applyFact, beginCall, began } from '../../src/calls/domain/call-lifecycle.js';
import { addressOf } from '../../src/directory/domain/user.js';
import { DEMO_DIRECTORY_FILE, YamlDirectory } from '../../src/directory/yaml/yaml-directory.js';
import { RegistrationStore, type StoredBinding } from '../../src/engines/sip/registration-store.js';
import { SipEngine } from '../../src/engines/sip/sip-engine.js';
import type { SipEngineSettings } from '../../src/engines/sip/sip-services.js';
import { eventually } from './wait.js';

/** Keeps steps in memory as the journal would in the store. */
class MemoryRecorder extends StepRecorder {
  readonly facts: CallFact[] = [];
  readonly calls = new Map<string, Call>();
  readonly sessions = new Map<string, string>();

  override async record({ sessionId, state, facts }: EngineStep): Promise<void> {
    for (const fact of facts) {
      const before = this.calls.get(fact.callId);
      const call = began(fact) ? beginCall(fact, 1) : before && applyFact(before, fact);
      if (!call) throw new Error(`"${fact.kind}" does not apply to ${before?.state ?? 'no call'}`);
      this.calls.set(fact.callId, call);
      this.facts.push(fact);
    }
    if (state === null) this.sessions.delete(sessionId);
    else if (state !== undefined) this.sessions.set(sessionId, state);
  }
}

class MemoryRegistrations extends RegistrationStore {
  readonly bindings = new Map<string, StoredBinding>();
  override load = () => Promise.resolve([...this.bindings.values()]);
  override async save(binding: StoredBinding) {
    this.bindings.set(`${binding.addressOfRecord} ${binding.contact}`, binding);
  }
  override async remove(addressOfRecord: string, contact: string) {
    this.bindings.delete(`${addressOfRecord} ${contact}`);
  }
}

Logger.overrideLogger(false);

/** The SIP engine with the demo directory, without REST and store. */
export class EngineUnderTest {
  readonly recorder = new MemoryRecorder();
  readonly registrations = new MemoryRegistrations();
  engine!: SipEngine;
  private directory!: YamlDirectory;

  constructor(private readonly settings: Partial<SipEngineSettings> = {}) {}

  async start(port = 0): Promise<void> {
    this.directory ??= await YamlDirectory.load(DEMO_DIRECTORY_FILE);
    this.engine = new SipEngine(
      {
        host: '127.0.0.1',
        port,
        ringTimeoutMs: 5_000,
        commandTimeoutMs: 8_000,
        sessionExpiresSeconds: 1_800,
        digestAlgorithms: ['SHA-256', 'MD5'],
        nonceSecret: 'a secret of the test',
        ...this.settings,
      },
      this.directory,
      new FindDestination(this.directory),
      this.registrations,
    );
    const sessions = [...this.recorder.sessions].map(([sessionId, state]) => ({
      sessionId,
      state,
      version: 1,
    }));
    const calls = [...this.recorder.calls.values()].filter(({ state }) => state !== 'Released');
    await this.engine.start(this.recorder, { calls, sessions });
  }

  async stop(): Promise<void> {
    await this.engine.stop();
    this.directory.onModuleDestroy();
  }

  /** foouser dials; resolves with the call's id. */
  async dial(number: string): Promise<string> {
    const caller = this.directory.findUser({ tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' });
    if (!caller) throw new Error('no foouser');
    const destination = new FindDestination(this.directory).find(caller, number);
    const ids = { callId: newCallId(), externalTrackingId: newTrackingId() };
    const order = { ...ids, caller, callerAddress: addressOf(caller) ?? '', destination };
    const prepared = this.engine.prepareDial(order);
    await this.recorder.record({
      sessionId: ids.externalTrackingId,
      state: prepared,
      facts: [
        {
          ...ids,
          kind: 'dialed',
          at: Date.now(),
          owner: caller.ref,
          remoteParty: { address: destination.address, callType: 'Unknown' },
          endpoint: { addressOfRecord: 'LP_foouser@sip.example.test' },
        },
      ],
    });
    await this.engine.dial(order, prepared);
    return ids.callId;
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
