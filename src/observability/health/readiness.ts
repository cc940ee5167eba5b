import { Injectable, Logger } from '@nestjs/common';
import { Admission } from '../../calls/application/admission.js';
import { CallEngine } from '../../calls/application/call-engine.js';
import { StoreHealth } from '../../calls/application/store-health.js';
import { Media, type MediaHealth } from '../../media/media.js';
import { type Finding, Probe } from './probe.js';

export const PARTS = ['admission', 'store', 'engine', 'media', 'recordings'] as const;
export type Part = (typeof PARTS)[number];

const STORE_LIMIT_MS = 800;
/** A media node has less, so that its silence is told from that of the others. */
const NODE_LIMIT_MS = 600;
const MEDIA_LIMIT_MS = 800;
const SWITCHES_LIMIT_MS = 800;
const FRESH_MS = 1_000;

/**
 * What readiness is made of (docs/adr/0017). Down: no call can be placed. Degraded: calls can be placed, but something
 * is missing. Nothing of it waits longer than 800 ms.
 */
@Injectable()
export class Readiness {
  private readonly logger = new Logger(Readiness.name);
  private readonly store: Probe;
  private readonly media: Probe;
  private readonly switches: Probe;
  private readonly told = new Map<Part, Finding['status']>();
  private health: MediaHealth = { nodes: 0, answering: 0 };

  constructor(
    private readonly admission: Admission,
    store: StoreHealth,
    private readonly engine: CallEngine,
    media: Media,
  ) {
    this.store = new Probe(
      async () => {
        await store.check();
        return { status: 'up' };
      },
      'does not answer',
      STORE_LIMIT_MS,
      FRESH_MS,
    );
    this.media = new Probe(
      async () => {
        this.health = await media.health(NODE_LIMIT_MS);
        return nodesOf(this.health);
      },
      'does not answer',
      MEDIA_LIMIT_MS,
      FRESH_MS,
    );
    this.switches = new Probe(
      async () => {
        const away = await engine.outOfStep();
        return away.length === 0 ? { status: 'up' } : { status: 'degraded', message: notTold(away) };
      },
      'is not known to hear of its calls',
      SWITCHES_LIMIT_MS,
      FRESH_MS,
    );
  }

  /** Never fails. */
  async findings(): Promise<Record<Part, Finding>> {
    const [store, media, switches] = await Promise.all([
      this.store.finding(),
      this.media.finding(),
      this.switches.finding(),
    ]);
    const findings: Record<Part, Finding> = {
      admission: this.admission.open
        ? { status: 'up' }
        : { status: 'down', message: 'the service is about to end: no new calls' },
      store,
      engine: this.engine.serving ? working(switches) : { status: 'down', message: 'does not serve' },
      media,
      recordings:
        this.health.recordings === false
          ? { status: 'degraded', message: 'recordings cannot be written' }
          : { status: 'up' },
    };
    for (const part of PARTS) this.log(part, findings[part]);
    return findings;
  }

  /** A change, not each look. */
  private log(part: Part, finding: Finding): void {
    const { status } = finding;
    const before = this.told.get(part) ?? 'up';
    this.told.set(part, status);
    if (status === before) return;
    if (finding.status === 'up') this.logger.log(`${part}: up again`);
    else this.logger.warn(`${part}: ${status}, ${finding.message}`);
  }
}

/** A switch that tells nothing can still be asked. */
function working(finding: Finding): Finding {
  return finding.status === 'down' ? { ...finding, status: 'degraded' } : finding;
}

function notTold(switches: string[]): string {
  const [first] = switches;
  return switches.length === 1
    ? `cluster ${first} does not tell of its calls`
    : `${switches.length} clusters do not tell of their calls, such as ${first}`;
}

function nodesOf({ nodes, answering }: MediaHealth): Finding {
  if (answering === nodes) return { status: 'up' };
  const message = `${answering} of ${nodes} nodes answer`;
  return { status: answering === 0 ? 'down' : 'degraded', message };
}
