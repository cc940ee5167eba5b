import { Counter, Gauge, type Registry } from 'prom-client';
import type { SipCounts } from '../../sip/stack.js';
import type { SipTraffic } from '../../sip/traffic.js';

/** Plain counts that the engine keeps; read when somebody asks. */
export interface SipFigures {
  traffic: SipTraffic;
  counts: SipCounts;
  registrations: number;
  sessions: number;
}

const DIRECTIONS = { in: 'received', out: 'sent' } as const;
const WAYS = ['in', 'out'] as const;

/** SIP: what went over the wire, and what is under way. @param read undefined while there is no SIP engine */
export function sipMetrics(registry: Registry, read: () => SipFigures | undefined): void {
  const registers = [registry];
  trafficCounter(
    registry,
    'call_service_sip_requests_total',
    'SIP requests, repeats too; methods that are not registered count as "other"',
    'method',
    (way) => read()?.traffic.requests[way],
  );
  trafficCounter(
    registry,
    'call_service_sip_responses_total',
    'SIP responses, repeats too, by class of status',
    'class',
    (way) => read()?.traffic.responses[way],
  );
  trafficCounter(
    registry,
    'call_service_sip_retransmissions_total',
    'Messages sent again (sent) and requests that came again (received)',
    undefined,
    (way) => ({ '': read()?.traffic.retransmissions[way] ?? 0 }),
  );
  const counted: [name: string, help: string, (counts: SipCounts) => number][] = [
    ['malformed', 'Messages that could not be understood', (counts) => counts.malformed],
    ['overload_refusals', 'Requests answered 503 for overload', (counts) => counts.refused],
    ['stray_responses', 'Responses that no transaction waited for', (counts) => counts.stray],
  ];
  for (const [name, help, of] of counted) {
    void new Counter({
      name: `call_service_sip_${name}_total`,
      help,
      registers,
      collect() {
        const figures = read();
        this.reset();
        this.inc(figures ? of(figures.counts) : 0);
      },
    });
  }
  const gauges: [name: string, help: string, (figures: SipFigures) => number][] = [
    [
      'sip_transactions',
      'Live SIP transactions of both sides',
      ({ counts }) => counts.clients + counts.servers,
    ],
    ['sip_connections', 'Open TCP connections of SIP', ({ counts }) => counts.connections],
    ['registrations', 'Contacts of phones that are registered', ({ registrations }) => registrations],
    [
      'sessions',
      'Sessions that this process serves; two calls of users may be one',
      ({ sessions }) => sessions,
    ],
  ];
  for (const [name, help, of] of gauges) {
    void new Gauge({
      name: `call_service_${name}`,
      help,
      registers,
      collect() {
        const figures = read();
        this.set(figures ? of(figures) : 0);
      },
    });
  }
}

function trafficCounter(
  registry: Registry,
  name: string,
  help: string,
  label: string | undefined,
  read: (way: (typeof WAYS)[number]) => Record<string, number> | undefined,
): void {
  void new Counter({
    name,
    help,
    labelNames: ['direction', ...(label === undefined ? [] : [label])],
    registers: [registry],
    collect() {
      this.reset();
      for (const way of WAYS)
        for (const [key, count] of Object.entries(read(way) ?? {}))
          this.inc({ direction: DIRECTIONS[way], ...(label !== undefined && { [label]: key }) }, count);
    },
  });
}
