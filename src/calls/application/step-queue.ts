import type { EngineStep } from './call-engine.js';
import { KeyedQueue } from './keyed-queue.js';

/** A step that is not stored yet. */
interface Waiting {
  step: EngineStep;
  since: number;
  begun: boolean;
  stored: Promise<void>;
}

/**
 * The steps on their way to the store: those of a session one after the other. Of the states of a session that wait
 * only the newest is kept, with the first of its steps; facts are all kept. So a session that waits takes little more
 * memory than one state, however often it changes.
 */
export class StepQueue {
  private readonly inOrder = new KeyedQueue();
  private readonly bySession = new Map<string, Set<Waiting>>();
  private readonly all = new Set<Waiting>();
  /** Of each session the first step that has not begun: a newer state goes into it. */
  private readonly first = new Map<string, Waiting>();

  /** Resolves when the step is stored, by `store`, together with any newer state of its session. */
  add(step: EngineStep, store: (step: EngineStep) => Promise<void>): Promise<void> {
    const first = step.absorbed === undefined ? this.first.get(step.sessionId) : undefined;
    if (!first) return this.queue({ ...step }, store, step.absorbed === undefined);
    const { sessionId, state, facts } = step;
    if (state !== undefined) first.step.state = state;
    return facts.length === 0 ? first.stored : this.queue({ sessionId, facts }, store, false);
  }

  /** As `add`, but it may come to nothing: it takes no newer state, and gives none to another step. */
  addAlone(step: EngineStep, store: (step: EngineStep) => Promise<void>): Promise<void> {
    return this.queue(step, store, false, true);
  }

  /** How many steps are not stored yet. */
  get size(): number {
    return this.all.size;
  }

  countOf(sessionId: string): number {
    return this.bySession.get(sessionId)?.size ?? 0;
  }

  /** Milliseconds for which the oldest step of the session has waited. */
  waitedFor(sessionId: string): number {
    const [oldest] = this.bySession.get(sessionId) ?? [];
    return oldest ? performance.now() - oldest.since : 0;
  }

  get steps(): EngineStep[] {
    return [...this.all].map(({ step }) => step);
  }

  /** Resolves when all that waits now is stored, or is refused by the store. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.all].map(({ stored }) => stored));
  }

  private queue(
    step: EngineStep,
    store: (step: EngineStep) => Promise<void>,
    takesStates: boolean,
    alone = step.absorbed !== undefined,
  ): Promise<void> {
    const sessions = sessionsOf(step);
    const waiting: Waiting = { step, since: performance.now(), begun: false, stored: Promise.resolve() };
    waiting.stored = this.inOrder.run(sessions, () => {
      waiting.begun = true;
      for (const id of sessions) if (this.first.get(id) === waiting) this.first.delete(id);
      return store(step);
    });
    if (!waiting.begun && takesStates) this.first.set(step.sessionId, waiting);
    // What comes after it must not get to the store before it.
    if (alone) for (const id of sessions) this.first.delete(id);
    this.note(sessions, waiting);
    return waiting.stored;
  }

  private note(sessions: string[], waiting: Waiting): void {
    this.all.add(waiting);
    for (const id of sessions) {
      const steps = this.bySession.get(id) ?? new Set();
      this.bySession.set(id, steps.add(waiting));
    }
    const forget = () => {
      this.all.delete(waiting);
      for (const id of sessions) {
        const steps = this.bySession.get(id);
        if (steps?.delete(waiting) && steps.size === 0) this.bySession.delete(id);
      }
    };
    waiting.stored.then(forget, forget);
  }
}

/** A step that joins two sessions is a step of both. */
export function sessionsOf({ sessionId, absorbed }: EngineStep): string[] {
  return absorbed === undefined ? [sessionId] : [sessionId, absorbed];
}
