import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from '../support/child.ts';
import { median, progress, quantile, rounded } from '../support/report.ts';
import type { Look } from '../support/thread-probe.ts';
import type { Load } from './load.ts';
import { LONG_RUN_MS, type SoakFigure } from './soak-figure.ts';
import { growthPerMinute } from './trend.ts';

const LOOK_EVERY_MS = 10_000;
/** What a look has held up is done so long after it. */
const BACKLOG_MS = 2_500;
const MINUTE_MS = 60_000;
/** SIP transactions over UDP are remembered for 32 s: until then more begin than end, and the heap is emptier. */
const FILLED_AFTER_MS = 40_000;
const MB = 1e6;
/**
 * MB a minute, where a run is short: SIP transactions of the last 32 seconds are most of the memory, and one cycle more
 * or less in a hundred is more than 1 MB.
 */
const SHORT_RUN_GROWTH = { inUse: 5, resident: 20 };
/** A few collections more or less in one of its stretches are most of the 99th percentile. */
const SHORT_RUN_RATIO = 3;

interface Sample {
  at: number;
  used: number;
  resident: number;
}

/** Between two looks without calls and their transactions: what the load between them has left for good. */
export function leftInMemory(before: Look, after: Look, milliseconds: number): SoakFigure {
  return {
    name: 'memory in use without calls, after the load more than before, per minute of load',
    value: (((usedOf(after) - usedOf(before)) / MB) * MINUTE_MS) / milliseconds,
    unit: 'MB',
    target: { at: 'most', value: 1 },
  };
}

/** Looks at the service while the load runs: memory after a collection, and how long calls take to come up. */
export class Watch {
  private readonly service: Child;
  private readonly load: Load;
  private readonly milliseconds: number;
  private readonly began = performance.now();
  private readonly samples: Sample[] = [];
  private readonly ups: { at: number; took: number }[] = [];
  /** A collection takes part of a second, and every call that is being set up waits for it. */
  private readonly looks: { from: number; to: number }[] = [];
  private toldAt = 0;
  private toldComplete: number;

  /** @param milliseconds how long the load runs */
  constructor(service: Child, load: Load, milliseconds: number) {
    this.service = service;
    this.load = load;
    this.milliseconds = milliseconds;
    this.toldComplete = load.complete;
  }

  noteUp(took: number): void {
    this.ups.push({ at: this.now(), took });
  }

  /** Looks as long as the load runs. */
  async follow(): Promise<void> {
    for (let next = LOOK_EVERY_MS; next <= this.milliseconds; next += LOOK_EVERY_MS) {
      await delay(Math.max(0, next - this.now()));
      const from = this.now();
      const look = await this.service.ask<Look>('look');
      const at = this.now();
      this.looks.push({ from, to: at + BACKLOG_MS });
      this.samples.push({ at, used: usedOf(look), resident: look.rss });
      this.tell(look);
    }
  }

  figures(): SoakFigure[] {
    return [...this.memory(), ...this.setUp()];
  }

  private now(): number {
    return performance.now() - this.began;
  }

  private tell(look: Look): void {
    const { load } = this;
    const now = this.now();
    const took = this.tookBetween(this.toldAt, now);
    const rate = ((load.complete - this.toldComplete) * 1_000) / (now - this.toldAt);
    this.toldAt = now;
    this.toldComplete = load.complete;
    const handles = look.threads.map(
      ({ thread, handles: kinds }) => `${thread} ${sum(Object.values(kinds))}`,
    );
    progress(
      `${Math.round(now / 1_000)} of ${this.milliseconds / 1_000} s: ${rounded(rate)}/s, ` +
        `set-up p50 ${rounded(quantile(took, 0.5))} p99 ${rounded(quantile(took, 0.99))} ms, ` +
        `in use ${mb(usedOf(look))}, resident ${mb(look.rss)} MB, handles ${handles.join(' ')}, ` +
        `port pairs ${look.relay.portPairs}, under way ${load.underWay}, failed ${load.failed + load.refused}`,
    );
  }

  private tookBetween(from: number, to: number): number[] {
    const undisturbed = ({ at, took }: { at: number; took: number }) =>
      !this.looks.some((look) => at > look.from && at - took < look.to);
    return this.ups.filter((up) => up.at >= from && up.at < to && undisturbed(up)).map(({ took }) => took);
  }

  /** After the warm-up. */
  private memory(): SoakFigure[] {
    const warm = Math.max(FILLED_AFTER_MS, Math.min(5 * MINUTE_MS, this.milliseconds / 5));
    const judged = this.samples.filter(({ at }) => at >= warm);
    const growth = (of: (sample: Sample) => number) =>
      growthPerMinute(judged.map((sample) => ({ at: sample.at, value: of(sample) / MB })));
    const long = this.milliseconds >= LONG_RUN_MS;
    const atMost = (short: number) => ({ at: 'most', value: long ? 1 : short }) as const;
    return [
      {
        name: `memory in use after a collection, growth a minute from second ${Math.round(warm / 1_000)} on`,
        value: growth(({ used }) => used),
        unit: 'MB',
        target: atMost(SHORT_RUN_GROWTH.inUse),
      },
      {
        name: 'resident memory after a collection, growth a minute',
        value: growth(({ resident }) => resident),
        unit: 'MB',
        target: atMost(SHORT_RUN_GROWTH.resident),
      },
      {
        name: 'resident memory after the last collection',
        value: (this.samples.at(-1)?.resident ?? Number.NaN) / MB,
        unit: 'MB',
      },
    ];
  }

  /** A neighbour on the machine spoils ten seconds, growth spoils all of them: the median of six is judged, too. */
  private setUp(): SoakFigure[] {
    const minute = Math.min(MINUTE_MS, (this.milliseconds - FILLED_AFTER_MS) / 2);
    const firstFrom = FILLED_AFTER_MS;
    const lastFrom = this.milliseconds - minute;
    const p99 = (from: number, length: number) => quantile(this.tookBetween(from, from + length), 0.99);
    const steady = (from: number) =>
      median(Array.from({ length: 6 }, (_, part) => p99(from + (part * minute) / 6, minute / 6)));
    const long = this.milliseconds >= LONG_RUN_MS;
    const target = { at: 'most', value: long ? 1.5 : SHORT_RUN_RATIO } as const;
    return [
      { name: 'set-up p99, first minute of all', value: p99(0, MINUTE_MS), unit: 'ms' },
      { name: 'set-up p99, first minute after the warm-up', value: p99(firstFrom, minute), unit: 'ms' },
      { name: 'set-up p99, last minute', value: p99(lastFrom, minute), unit: 'ms' },
      {
        name: 'set-up p99, last minute of first',
        value: p99(lastFrom, minute) / p99(firstFrom, minute),
        target,
        timing: true,
      },
      {
        name: 'set-up p99, last minute of first, medians of their ten seconds',
        value: steady(lastFrom) / steady(firstFrom),
        ...(long && { target, timing: true }),
      },
    ];
  }
}

function usedOf({ threads }: Look): number {
  return sum(threads.map(({ heap, external }) => heap + external));
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mb(bytes: number): string {
  return rounded(bytes / MB);
}
