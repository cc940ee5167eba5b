import type { UserRef } from '../../directory/domain/user.js';
import type { Call } from '../domain/call.js';
import type { CallFact } from '../domain/call-fact.js';
import { applyFact, beginCall, began } from '../domain/call-lifecycle.js';
import type { EngineStep } from './call-engine.js';
import {
  type CallChange,
  type CallRepository,
  type StoredSession,
  StoreUnavailable,
  VersionConflict,
} from './call-repository.js';
import { KeyedQueue } from './keyed-queue.js';
import { sessionsOf } from './step-queue.js';

/**
 * What this process last read or wrote of a session, so that a fact needs no read before its write. A session without
 * a state of its own is not this process's to lead: any process may write the next of its facts, and nothing of it is
 * kept from one step to the next.
 */
interface KnownSession {
  version: number;
  calls: Map<string, Call>;
}

const CONFLICT_RETRIES = 5;

/** Makes the next versions of the calls of a step, by the table, and writes them. One step of a session at a time. */
export class CallVersions {
  private readonly known = new Map<string, KnownSession>();
  private readonly byUser = new KeyedQueue();

  constructor(private readonly repository: CallRepository) {}

  /** Takes over what the store holds when the process starts. */
  adopt(found: { calls: Call[]; sessions: StoredSession[] }): void {
    for (const { sessionId, version } of found.sessions) this.sessionOf(sessionId).version = version;
    for (const call of found.calls) this.known.get(call.externalTrackingId)?.calls.set(call.callId, call);
  }

  /** Calls that this process leads and that have not ended, as far as is stored. */
  get ongoing(): number {
    const calls = [...this.known.values()].flatMap((session) => [...session.calls.values()]);
    return calls.filter(({ state }) => state !== 'Released').length;
  }

  /** Of the session's state; 0: it has none. */
  versionOf(sessionId: string): number {
    return this.known.get(sessionId)?.version ?? 0;
  }

  /**
   * Stores the step, or what of it can have happened to the calls as they are by now.
   * @param repeated a former attempt may have stored it
   * @param wanted asked before anything is written @throws VersionConflict, StoreUnavailable
   */
  async save(step: EngineStep, { repeated = false, wanted = (): boolean => true } = {}): Promise<void> {
    try {
      await this.write(step, repeated, wanted);
    } finally {
      this.forgetStateless(step);
    }
  }

  private async write(step: EngineStep, repeated: boolean, wanted: () => boolean): Promise<void> {
    const newcomers = step.facts.filter(began).map((fact) => userKey(fact.owner));
    await this.byUser.run([...new Set(newcomers)], async () => {
      let rest = repeated ? await this.withoutStored(step) : step;
      let fresh = repeated;
      for (let attempt = 1; ; attempt++) {
        if (!wanted()) throw new StoreUnavailable('not stored in time');
        const change = await this.changeFor(rest);
        if (change.calls.length < rest.facts.length && !fresh) {
          // Perhaps another process has moved the call on since it was known here.
          await this.readAgain(rest);
          fresh = true;
          continue;
        }
        if (change.calls.length === 0 && !change.sessions) return;
        if (!wanted()) throw new StoreUnavailable('not stored in time');
        try {
          await this.repository.save(change);
          return this.remember(rest, change);
        } catch (error) {
          if (!(error instanceof VersionConflict) || attempt === CONFLICT_RETRIES) throw error;
          rest = await this.withoutStored(rest);
          fresh = true;
        }
      }
    });
  }

  /** Reads again what there is. An attempt of which nobody has heard may have stored facts: none is stored twice. */
  private async withoutStored(step: EngineStep): Promise<EngineStep> {
    await this.readAgain(step);
    const left: CallFact[] = [];
    for (const fact of step.facts) {
      const events = await this.repository.eventsOf(fact.callId);
      const text = JSON.stringify(fact);
      if (!events.some((event) => JSON.stringify(event.fact) === text)) left.push(fact);
    }
    return { ...step, facts: left };
  }

  private async changeFor(step: EngineStep): Promise<CallChange> {
    const change: CallChange = { calls: [] };
    for (const fact of step.facts) {
      const call = await this.next(step, fact);
      if (call) change.calls.push({ call, fact });
    }
    const sessions = sessionStates(step).flatMap(({ sessionId, state }) => {
      const { version } = this.sessionOf(sessionId);
      return state === null && version === 0 ? [] : [{ sessionId, version: version + 1, state }];
    });
    return sessions.length > 0 ? { ...change, sessions } : change;
  }

  private async next(step: EngineStep, fact: CallFact): Promise<Call | undefined> {
    const call = this.knownCall(step, fact.callId);
    if (began(fact)) return call ? undefined : beginCall(fact, await this.lowestFreeAppearance(fact.owner));
    return call && applyFact(call, fact);
  }

  private knownCall(step: EngineStep, callId: string): Call | undefined {
    for (const sessionId of sessionsOf(step)) {
      const call = this.sessionOf(sessionId).calls.get(callId);
      if (call) return call;
    }
    return undefined;
  }

  private async lowestFreeAppearance(owner: UserRef): Promise<number> {
    const taken = new Set((await this.repository.listOngoing(owner)).map((call) => call.appearance));
    let line = 1;
    while (taken.has(line)) line++;
    return line;
  }

  private remember(step: EngineStep, change: CallChange): void {
    for (const { sessionId, state, version } of change.sessions ?? []) {
      this.sessionOf(sessionId).version = state === null ? 0 : version;
    }
    for (const { call } of change.calls) {
      for (const sessionId of sessionsOf(step)) this.sessionOf(sessionId).calls.delete(call.callId);
      this.known.get(call.externalTrackingId)?.calls.set(call.callId, call);
    }
  }

  private forgetStateless(step: EngineStep): void {
    for (const sessionId of sessionsOf(step)) {
      if (this.versionOf(sessionId) === 0) this.known.delete(sessionId);
    }
  }

  private async readAgain(step: EngineStep): Promise<void> {
    const callIds = new Set(step.facts.map((fact) => fact.callId));
    const sessions = sessionsOf(step);
    for (const sessionId of sessions)
      for (const id of this.sessionOf(sessionId).calls.keys()) callIds.add(id);
    // All is read before anything is forgotten: the store may go away in between.
    const stored = await Promise.all(sessions.map((sessionId) => this.repository.findSession(sessionId)));
    const calls = await Promise.all([...callIds].map((callId) => this.repository.find(callId)));
    for (const [index, sessionId] of sessions.entries()) {
      const known = this.sessionOf(sessionId);
      known.version = stored[index]?.version ?? 0;
      known.calls.clear();
    }
    for (const call of calls) {
      // A call that has moved to a third session is no business of this step.
      if (call && sessions.includes(call.externalTrackingId))
        this.sessionOf(call.externalTrackingId).calls.set(call.callId, call);
    }
  }

  private sessionOf(sessionId: string): KnownSession {
    let known = this.known.get(sessionId);
    if (!known) this.known.set(sessionId, (known = { version: 0, calls: new Map() }));
    return known;
  }
}

/** What the step makes of the states of its sessions. */
function sessionStates({
  sessionId,
  state,
  absorbed,
}: EngineStep): { sessionId: string; state: string | null }[] {
  return [
    ...(state === undefined ? [] : [{ sessionId, state }]),
    ...(absorbed === undefined ? [] : [{ sessionId: absorbed, state: null }]),
  ];
}

function userKey(ref: UserRef): string {
  return JSON.stringify([ref.tenantId, ref.groupId, ref.userId]);
}
