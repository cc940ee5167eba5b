import { Counter, type Registry } from 'prom-client';
import { StoreUnavailable, VersionConflict } from '../../calls/application/call-repository.js';
import { STORE_BUCKETS } from './buckets.js';
import { DurationHistogram } from './durations.js';

const REASONS = ['unavailable', 'conflict', 'other'] as const;

/** How long the store takes, and how often it fails. */
export class StoreMetrics {
  private readonly histogram: DurationHistogram;
  private readonly failures: Counter<'operation' | 'reason'>;

  constructor(registry: Registry) {
    this.histogram = new DurationHistogram(
      registry,
      'call_service_store_operation_seconds',
      'Operations of the store, failed ones too, by port and method',
      STORE_BUCKETS,
    );
    this.failures = new Counter({
      name: 'call_service_store_failures_total',
      help: 'Operations that failed: unavailable (the store is away), conflict (somebody was faster), other',
      labelNames: ['operation', 'reason'],
      registers: [registry],
    });
  }

  /**
   * The port with a clock on each method; what it answers is passed on as it is.
   * @param port an object whose members are methods that return promises
   * @param name of the port in the label
   */
  around<T extends object>(port: T, name: string): T {
    const watched = Object.create(Object.getPrototypeOf(port) as object) as Record<string, unknown>;
    for (const [method, run] of methodsOf(port)) {
      const operation = `${name}.${method}`;
      for (const reason of REASONS) this.failures.inc({ operation, reason }, 0);
      const durations = this.histogram.with({ operation });
      watched[method] = (...args: unknown[]) => {
        const began = performance.now();
        const answer = run.apply(port, args);
        const note = () => durations.observe((performance.now() - began) / 1_000);
        answer.then(note, (error: unknown) => {
          note();
          this.failures.inc({ operation, reason: reasonOf(error) });
        });
        return answer;
      };
    }
    return watched as T;
  }
}

function methodsOf(port: object): Map<string, (...args: unknown[]) => Promise<unknown>> {
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  for (let at: object = port; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const member: unknown = Object.getOwnPropertyDescriptor(at, name)?.value;
      if (name !== 'constructor' && typeof member === 'function' && !methods.has(name))
        methods.set(name, member as (...args: unknown[]) => Promise<unknown>);
    }
  }
  return methods;
}

function reasonOf(error: unknown): (typeof REASONS)[number] {
  if (error instanceof StoreUnavailable) return 'unavailable';
  return error instanceof VersionConflict ? 'conflict' : 'other';
}
