import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Call } from '../domain/call.js';
import { began } from '../domain/call-lifecycle.js';
import { aboutCall } from './call-context.js';
import { type EngineStep, StepRecorder } from './call-engine.js';
import { CallRepository, type StoredSession, StoreUnavailable } from './call-repository.js';
import { CallVersions } from './call-versions.js';
import { sessionsOf, StepQueue } from './step-queue.js';
import { StoreHealth } from './store-health.js';
import { StoreOutage } from './store-outage.js';

/** How long the beginning of a session, of which nobody has been told, may take. */
const OPEN_MS = 5_000;
/** Longer than a store may take over a change that it was sent: what is not there then does not come any more. */
const SETTLE_MS = 15_000;
/** How long a command that the phone has confirmed waits for the store. */
const PATIENCE_MS = 2_000;
const PATIENCE_CHECK_MS = 100;
/** Steps of a session that may wait before changes by choice are refused. */
const CROWDED = 50;

/**
 * Turns the facts of an engine into stored versions of calls: the one place where a call changes.
 * Steps of a session are stored in the order in which they were recorded.
 */
@Injectable()
export class CallJournal extends StepRecorder {
  private readonly logger = new Logger(CallJournal.name);
  private readonly queue = new StepQueue();
  private readonly versions: CallVersions;
  private readonly outage: StoreOutage;
  private closed = false;

  constructor(repository: CallRepository, health: StoreHealth) {
    super();
    this.versions = new CallVersions(repository);
    this.outage = new StoreOutage(health);
  }

  /** Takes over what the store holds when the process starts. */
  adopt(found: { calls: Call[]; sessions: StoredSession[] }): void {
    this.versions.adopt(found);
  }

  /** Steps that are not stored yet. */
  get waiting(): number {
    return this.queue.size;
  }

  /** Calls that this process leads and that have not ended, as far as is stored. */
  get ongoing(): number {
    return this.versions.ongoing;
  }

  /** Whether a call is going on, or a step waits to be stored. */
  get busy(): boolean {
    return this.waiting > 0 || this.ongoing > 0;
  }

  override async open(step: EngineStep): Promise<void> {
    if (this.outage.on && sessionsOf(step).some((id) => this.queue.countOf(id) > 0))
      throw new StoreUnavailable('earlier steps of the session wait');
    const fresh = this.versions.versionOf(step.sessionId) === 0;
    let late = false;
    const opened = this.queue.addAlone(
      step,
      aboutStep(step, async () => {
        try {
          await this.versions.save(step, { wanted: () => !late });
          if (late) this.undo(step, fresh);
          this.outage.over();
        } catch (error) {
          if (!(error instanceof StoreUnavailable)) throw error;
          this.outage.notice(error);
          if (error.maybeWritten) this.undo(step, fresh);
          throw error;
        }
      }),
    );
    await within(OPEN_MS, opened, () => {
      late = true;
    });
  }

  /** While the store is away the step is kept, and later steps of its session wait behind it. */
  override record(step: EngineStep): Promise<void> {
    return this.queue.add(
      step,
      aboutStep(step, async (whole: EngineStep) => {
        for (let repeated = false; ;) {
          try {
            await this.versions.save(whole, { repeated });
            return this.outage.over();
          } catch (error) {
            if (!(error instanceof StoreUnavailable)) throw error;
            repeated ||= error.maybeWritten;
            if (this.closed) this.logNotStored(whole);
            this.outage.notice(error);
            await this.outage.wait();
          }
        }
      }),
    );
  }

  override crowded(sessionId: string): boolean {
    return this.queue.countOf(sessionId) >= CROWDED;
  }

  override get away(): boolean {
    return this.outage.on;
  }

  /**
   * What becomes of a command, as long as the store takes the steps of its session. The command goes on in any case, and
   * what it has brought about is stored when the store is back. @throws StoreUnavailable
   */
  async whileStoring<T>(sessionId: string, command: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const kept = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        if (this.queue.waitedFor(sessionId) > PATIENCE_MS)
          reject(new StoreUnavailable('a step of the session waits', true));
      }, PATIENCE_CHECK_MS);
    });
    try {
      return await Promise.race([command, kept]);
    } finally {
      clearInterval(timer);
    }
  }

  /** Stores what waits, if the store takes it in time; the rest is lost and said to be. @param graceMs milliseconds */
  async close(graceMs: number): Promise<void> {
    const grace = new AbortController();
    const { signal } = grace;
    await Promise.race([this.queue.settled(), delay(graceMs, undefined, { signal }).catch(() => undefined)]);
    grace.abort();
    this.closed = true;
    for (const step of this.queue.steps) this.logNotStored(step);
    this.outage.giveUp();
  }

  private logNotStored({ sessionId, facts }: EngineStep): void {
    const what = facts.map(({ kind, callId }) => `${callId} ${kind}`).join(', ') || 'its state';
    this.logger.error(`Session ${sessionId} is not stored, the store is away: ${what}`);
  }

  /** Whether it was stored is not known, and the engine has given it up: if it was, its calls end. */
  private undo({ sessionId, facts }: EngineStep, fresh: boolean): void {
    const calls = facts.filter(began).map(({ callId }) => callId);
    const end = () => {
      if (this.closed) return;
      const at = Date.now();
      const ended = calls.map(
        (callId) => ({ kind: 'released', callId, at, cause: 'engineFailure', by: 'system' }) as const,
      );
      this.record({ sessionId, ...(fresh && { state: null }), facts: ended }).catch((error: unknown) => {
        this.logger.error(`A call that did not begin is not ended: ${String(error)}`);
      });
    };
    end();
    setTimeout(end, SETTLE_MS).unref();
  }
}

/** Whatever is logged while the step is stored is about its call. */
function aboutStep<A extends unknown[]>(
  { sessionId, facts }: EngineStep,
  store: (...args: A) => Promise<void>,
) {
  const call = { callId: facts[0]?.callId, externalTrackingId: sessionId };
  return (...args: A) => aboutCall(call, () => store(...args));
}

/** @throws StoreUnavailable when the time, in milliseconds, is up; the task goes on */
async function within(ms: number, task: Promise<void>, whenLate: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      whenLate();
      reject(new StoreUnavailable('not stored in time', true));
    }, ms);
  });
  try {
    await Promise.race([task, late]);
  } finally {
    clearTimeout(timer);
  }
}
