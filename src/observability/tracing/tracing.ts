import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { diag, DiagLogLevel, isSpanContextValid, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { FastifyInstance } from 'fastify';
import { currentContext } from './current-context.js';
import { HttpSpans } from './http-spans.js';
import { traceParts } from './traced-parts.js';

export interface TracingSettings {
  otelExporterOtlpEndpoint?: string | undefined;
  otelExporterOtlpTracesEndpoint?: string | undefined;
  otelServiceName: string;
}

export interface Tracing {
  watchRequests(fastify: FastifyInstance): void;
  watchParts(app: NestFastifyApplication): void;
  /** Of the span under way. */
  ids(): { traceId: string; spanId: string } | undefined;
  /** Sends what waits, for a few seconds at most. Never rejects. */
  stop(): Promise<void>;
}

const STOP_MS = 3_000;
const TELL_EVERY_MS = 60_000;

/** Spans wait in a queue of 2048 at most (OTEL_BSP_MAX_QUEUE_SIZE) and are sent beside the calls. */
export function startTracing(settings: TracingSettings): Tracing {
  tellOfFailures();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': settings.otelServiceName }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: tracesUrl(settings) }))],
  });
  const tracer = provider.getTracer('call-service');
  return {
    watchRequests: (fastify) => new HttpSpans(tracer).watch(fastify),
    watchParts: (app) => traceParts(tracer, app),
    ids: () => {
      const span = trace.getSpanContext(currentContext());
      return span && isSpanContextValid(span) ? { traceId: span.traceId, spanId: span.spanId } : undefined;
    },
    stop: async () => {
      await Promise.race([
        provider.shutdown().catch(() => undefined),
        delay(STOP_MS, undefined, { ref: false }),
      ]);
    },
  };
}

function tracesUrl({ otelExporterOtlpEndpoint, otelExporterOtlpTracesEndpoint }: TracingSettings): string {
  if (otelExporterOtlpTracesEndpoint) return otelExporterOtlpTracesEndpoint;
  return `${otelExporterOtlpEndpoint?.replace(/\/$/, '')}/v1/traces`;
}

const nothing = () => undefined;

/** Once a minute at most. */
function tellOfFailures(): void {
  const logger = new Logger('Tracing');
  let told = Number.NEGATIVE_INFINITY;
  const tell = (message: string) => {
    if (performance.now() - told < TELL_EVERY_MS) return;
    told = performance.now();
    logger.warn(`Traces cannot be sent: ${message}`);
  };
  diag.setLogger(
    { error: tell, warn: tell, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
