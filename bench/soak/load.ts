import { setTimeout as delay } from 'node:timers/promises';
import { type Cycles, Overload } from './cycles.ts';

const AT_ONCE = 32;

/** Runs the cycles, and counts what becomes of them. */
export class Load {
  begun = 0;
  complete = 0;
  failed = 0;
  /** Could not begin. */
  refused = 0;
  /** The first of what went wrong, and how often it did, by kind of cycle. */
  readonly errors = new Map<string, { first: string; count: number }>();
  private readonly cycles: Cycles;

  constructor(cycles: Cycles) {
    this.cycles = cycles;
  }

  get underWay(): number {
    return this.begun - this.complete - this.failed - this.refused;
  }

  /** As fast as they go, so many at once. @returns complete ones per second */
  async atFullSpeed(milliseconds: number): Promise<number> {
    const before = this.complete;
    const began = performance.now();
    const worker = async () => {
      while (performance.now() - began < milliseconds) await this.one(0);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return ((this.complete - before) * 1_000) / (performance.now() - began);
  }

  /** Begins so many per second, whatever becomes of the ones before. Resolves when the last has ended. */
  async steadily(perSecond: number, milliseconds: number): Promise<void> {
    const total = Math.round((perSecond * milliseconds) / 1_000);
    const began = performance.now();
    const running = new Set<Promise<void>>();
    for (let started = 0; started < total;) {
      const due = Math.floor(((performance.now() - began) * perSecond) / 1_000);
      for (; started < Math.min(due, total); started++) {
        const cycle = this.one(1).finally(() => running.delete(cycle));
        running.add(cycle);
      }
      await delay(2);
    }
    await Promise.all(running);
  }

  private async one(pace: 0 | 1): Promise<void> {
    try {
      await this.cycles.run(this.begun++, pace);
      this.complete++;
    } catch (error) {
      if (error instanceof Overload) {
        this.refused++;
        return;
      }
      this.failed++;
      const { message } = error as Error;
      const kind = message.slice(0, message.indexOf(':'));
      const known = this.errors.get(kind) ?? { first: message, count: 0 };
      this.errors.set(kind, { ...known, count: known.count + 1 });
    }
  }
}
