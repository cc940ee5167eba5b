import { Counter, Gauge, type Registry } from 'prom-client';

/** Plain counts that the engine keeps of one cluster of switches; read when somebody asks. */
export interface SwitchFigures {
  cluster: string;
  /** By what the client is for and how requests have ended. */
  requests: Record<string, object>;
  events: number;
  holds: boolean;
}

/** BroadWorks clusters: what they are asked, and what they tell. @param read empty where the engine has no switch */
export function switchMetrics(registry: Registry, read: () => SwitchFigures[]): void {
  const registers = [registry];
  void new Counter({
    name: 'call_service_switch_requests_total',
    help: 'Requests to a BroadWorks cluster, by what they are for (actions, events) and how they ended',
    labelNames: ['cluster', 'for', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const { cluster, requests } of read())
        for (const [purpose, counts] of Object.entries(requests))
          for (const [outcome, count] of Object.entries(counts) as [string, number][])
            this.inc({ cluster, for: purpose, outcome }, count);
    },
  });
  void new Counter({
    name: 'call_service_switch_events_total',
    help: 'Events of calls that a BroadWorks cluster has told this process',
    labelNames: ['cluster'],
    registers,
    collect() {
      this.reset();
      for (const { cluster, events } of read()) this.inc({ cluster }, events);
    },
  });
  void new Gauge({
    name: 'call_service_switch_channel_held',
    help: '1 where this process holds the event channel of a BroadWorks cluster; one of all replicas does',
    labelNames: ['cluster'],
    registers,
    collect() {
      for (const { cluster, holds } of read()) this.set({ cluster }, holds ? 1 : 0);
    },
  });
}
