import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { CallRepository } from '../../calls/application/call-repository.js';
import type { Finding } from '../health/probe.js';
import { CallMetrics } from './call-metrics.js';
import { HttpMetrics } from './http-metrics.js';
import { ObservedCallRepository } from './observed-call-repository.js';
import { type SipFigures, sipMetrics } from './sip-metrics.js';
import { StoreMetrics } from './store-metrics.js';
import { type SwitchFigures, switchMetrics } from './switch-metrics.js';

/** What is read when somebody asks for the metrics. */
export interface Sources {
  sip(): SipFigures | undefined;
  switches(): SwitchFigures[];
  /** Steps of the journal that wait for the store. */
  backlog(): number;
  /** Never fails. */
  parts(): Promise<Record<string, Finding>>;
}

/** A scrape costs some milliseconds; those who ask within a second share it. */
const FRESH_MS = 1_000;

/** The metrics of one service, in a registry of its own. */
export class ServiceMetrics {
  private readonly registry = new Registry();
  readonly http = new HttpMetrics(this.registry);
  private readonly calls = new CallMetrics(this.registry);
  private readonly store = new StoreMetrics(this.registry);
  private sources: Sources | undefined;
  private rendered: { text: Promise<string>; at: number } | undefined;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    eventLoop(this.registry);
    sipMetrics(this.registry, () => this.sources?.sip());
    switchMetrics(this.registry, () => this.sources?.switches() ?? []);
    this.defineBacklog();
    this.defineParts();
  }

  /** Puts the clocks around a port of the store. */
  around<T extends object>(port: T, name: string): T {
    const timed = this.store.around(port, name);
    if (!(port instanceof CallRepository)) return timed;
    return new ObservedCallRepository(timed as object as CallRepository, this.calls) as object as T;
  }

  read(sources: Sources): void {
    this.sources = sources;
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** In the text format of Prometheus; at most a second old. */
  text(): Promise<string> {
    const now = performance.now();
    if (!this.rendered || now - this.rendered.at >= FRESH_MS)
      this.rendered = { text: this.registry.metrics(), at: now };
    return this.rendered.text;
  }

  private defineBacklog(): void {
    const backlog = () => this.sources?.backlog() ?? 0;
    void new Gauge({
      name: 'call_service_journal_backlog_steps',
      help: 'Steps that have happened and are not stored yet',
      registers: [this.registry],
      collect() {
        this.set(backlog());
      },
    });
  }

  private defineParts(): void {
    const gauge = (name: string, help: string, valueOf: (status: Finding['status']) => number) => {
      const parts = async () => Object.entries((await this.sources?.parts()) ?? {});
      void new Gauge({
        name,
        help,
        labelNames: ['part'],
        registers: [this.registry],
        async collect() {
          for (const [part, { status }] of await parts()) this.set({ part }, valueOf(status));
        },
      });
    };
    gauge(
      'call_service_part_up',
      '0 while a part of the service is down, so that no call can be placed (/health/ready)',
      (status) => (status === 'down' ? 0 : 1),
    );
    gauge(
      'call_service_part_degraded',
      '1 while a part of the service works, but not as it should (/health/ready)',
      (status) => (status === 'degraded' ? 1 : 0),
    );
  }
}

/** Cumulative, so that it does not matter who else has looked meanwhile. */
function eventLoop(registry: Registry): void {
  void new Counter({
    name: 'call_service_event_loop_busy_seconds_total',
    help: 'Time in which the event loop was not idle; its rate is the share of one core',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(performance.eventLoopUtilization().active / 1_000);
    },
  });
}
