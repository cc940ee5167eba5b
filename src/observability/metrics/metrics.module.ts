import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { CallEngine } from '../../calls/application/call-engine.js';
import { CallJournal } from '../../calls/application/call-journal.js';
import { CallsModule } from '../../calls/calls.module.js';
import { HealthModule } from '../health/health.module.js';
import { Readiness } from '../health/readiness.js';
import { MetricsController } from './metrics.controller.js';
import { ServiceMetrics } from './service-metrics.js';
import type { SipFigures } from './sip-metrics.js';

/** `/metrics`. */
@Module({})
export class MetricsModule implements OnModuleInit {
  constructor(
    private readonly metrics: ServiceMetrics,
    private readonly adapter: HttpAdapterHost,
  ) {}

  /** @param sip what the engine counts of SIP, where it speaks it */
  static with(metrics: ServiceMetrics, sip: (engine: CallEngine) => SipFigures | undefined): DynamicModule {
    return {
      module: MetricsModule,
      imports: [CallsModule, HealthModule],
      controllers: [MetricsController],
      providers: [
        {
          provide: ServiceMetrics,
          inject: [CallEngine, CallJournal, Readiness],
          useFactory: (engine: CallEngine, journal: CallJournal, readiness: Readiness) => {
            metrics.read({
              sip: () => sip(engine),
              backlog: () => journal.waiting,
              parts: () => readiness.findings(),
            });
            return metrics;
          },
        },
      ],
    };
  }

  onModuleInit(): void {
    this.metrics.http.watch(this.adapter.httpAdapter.getInstance<FastifyInstance>());
  }
}
