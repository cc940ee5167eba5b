import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { UserRef } from '../../directory/domain/user.js';
import type { Call } from '../domain/call.js';
import type { CallFact } from '../domain/call-fact.js';
import { applyFact, beginCall, began } from '../domain/call-lifecycle.js';
import { type EngineStep, StepRecorder } from './call-engine.js';
import {
  type CallChange,
  CallRepository,
  type StoredSession,
  StoreUnavailable,
  VersionConflict,
} from './call-repository.js';
import { KeyedQueue } from './keyed-queue.js';

/** What this process last read or wrote of a session, so that a fact needs no read before its write. */
interface KnownSession {
  version: number;
  calls: Map<string, Call>;
}

const CONFLICT_RETRIES = 5;
const STORE_RETRY_MS = [50, 100, 200, 500, 1000, 2000];

/**
 * Turns the facts of an engine into stored versions of calls: the one place where a call changes.
 * Steps of a session are stored in the order in which they were recorded.
 */
@Injectable()
export class CallJournal extends StepRecorder {
  private readonly logger = new Logger(CallJournal.name);
  private readonly known = new Map<string, KnownSession>();
  private readonly bySession = new KeyedQueue();
  private readonly byUser = new KeyedQueue();

  constructor(private readonly repository: CallRepository) {
    super();
  }

  /** Takes over what the store holds when the process starts. */
  adopt(found: { calls: Call[]; sessions: StoredSession[] }): void {
    for (const call of found.calls) this.sessionOf(call.externalTrackingId).calls.set(call.callId, call);
    for (const { sessionId, version } of found.sessions) this.sessionOf(sessionId).version = version;
  }

  /** Stores the first step of a session, whose engine has not been asked yet. @throws StoreUnavailable at once */
  async open(step: EngineStep): Promise<void> {
    await this.bySession.run(step.sessionId, () => this.write(step));
  }

  /** Stores what has happened already: while the store is away it is tried again, and later steps wait. */
  override async record(step: EngineStep): Promise<void> {
    await this.bySession.run(step.sessionId, async () => {
      for (const pause of STORE_RETRY_MS) {
        try {
          return await this.write(step);
        } catch (error) {
          if (!(error instanceof StoreUnavailable)) throw error;
          this.logger.warn(`Store unavailable, trying again in ${pause} ms: ${error.message}`);
          await delay(pause);
        }
      }
      return this.write(step);
    });
  }

  private async write(step: EngineStep): Promise<void> {
    const newcomers = step.facts.filter(began).map((fact) => userKey(fact.owner));
    await this.holdingUsers([...new Set(newcomers)].sort(), async () => {
      let fresh = false;
      for (let attempt = 1; ; attempt++) {
        const change = await this.changeFor(step);
        if (change.calls.length < step.facts.length && !fresh) {
          // Perhaps another process has moved the call on since it was known here.
          await this.readAgain(step);
          fresh = true;
          continue;
        }
        if (change.calls.length === 0 && !change.session) return this.forgetIfOver(step.sessionId);
        try {
          await this.repository.save(change);
          return this.remember(step, change);
        } catch (error) {
          if (!(error instanceof VersionConflict) || attempt === CONFLICT_RETRIES) throw error;
          await this.readAgain(step);
          fresh = true;
        }
      }
    });
  }

  private async changeFor(step: EngineStep): Promise<CallChange> {
    const known = this.sessionOf(step.sessionId);
    const change: CallChange = { calls: [] };
    for (const fact of step.facts) {
      const call = await this.next(known, fact);
      if (call) change.calls.push({ call, fact });
    }
    if (step.state !== undefined && (step.state !== null || known.version > 0)) {
      change.session = { sessionId: step.sessionId, version: known.version + 1, state: step.state };
    }
    return change;
  }

  private async next(known: KnownSession, fact: CallFact): Promise<Call | undefined> {
    const call = known.calls.get(fact.callId);
    if (began(fact)) return call ? undefined : beginCall(fact, await this.lowestFreeAppearance(fact.owner));
    return call && applyFact(call, fact);
  }

  private async lowestFreeAppearance(owner: UserRef): Promise<number> {
    const taken = new Set((await this.repository.listOngoing(owner)).map((call) => call.appearance));
    let line = 1;
    while (taken.has(line)) line++;
    return line;
  }

  private remember({ sessionId }: EngineStep, change: CallChange): void {
    const known = this.sessionOf(sessionId);
    for (const { call } of change.calls) known.calls.set(call.callId, call);
    if (change.session) known.version = change.session.state === null ? 0 : change.session.version;
    this.forgetIfOver(sessionId);
  }

  private forgetIfOver(sessionId: string): void {
    const known = this.sessionOf(sessionId);
    const ended = [...known.calls.values()].every(({ state }) => state === 'Released');
    if (ended && known.version === 0) this.known.delete(sessionId);
  }

  private async readAgain({ sessionId, facts }: EngineStep): Promise<void> {
    const known = this.sessionOf(sessionId);
    known.version = (await this.repository.findSession(sessionId))?.version ?? 0;
    for (const callId of new Set([...known.calls.keys(), ...facts.map((fact) => fact.callId)])) {
      const call = await this.repository.find(callId);
      if (call) known.calls.set(callId, call);
      else known.calls.delete(callId);
    }
  }

  private sessionOf(sessionId: string): KnownSession {
    let known = this.known.get(sessionId);
    if (!known) this.known.set(sessionId, (known = { version: 0, calls: new Map() }));
    return known;
  }

  private holdingUsers(keys: string[], task: () => Promise<void>): Promise<void> {
    const [first, ...rest] = keys;
    if (first === undefined) return task();
    return this.byUser.run(first, () => this.holdingUsers(rest, task));
  }
}

function userKey(ref: UserRef): string {
  return JSON.stringify([ref.tenantId, ref.groupId, ref.userId]);
}
