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
import type { SwitchFigures } from './switch-metrics.js';

/** What an engine counts. */
export interface EngineFigures {
  /** Undefined where it does not speak SIP. */
  sip(engine: CallEngine): SipFigures | undefined;
  /** Empty where it has no switch. */
  switches(engine: CallEngine): SwitchFigures[];
}

/** `/metrics`. */
@Module({})
export class MetricsModule implements OnModuleInit {
  constructor(
    private readonly metrics: ServiceMetrics,
    private readonly adapter: HttpAdapterHost,
  ) {}

  static with(metrics: ServiceMetrics, figures: EngineFigures): DynamicModule {
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
              sip: () => figures.sip(engine),
              switches: () => figures.switches(engine),
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
