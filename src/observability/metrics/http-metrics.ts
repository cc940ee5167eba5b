import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { HTTP_BUCKETS } from './buckets.js';
import { DurationHistogram, type Durations } from './durations.js';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];
const OTHER = 'other';
const STATUSES = 1_000;

/** Rate, errors and duration of requests, by the pattern of the route and never by what a stranger has written. */
export class HttpMetrics {
  private readonly histogram: DurationHistogram;
  /** By route, and by method and status as one number. */
  private readonly series = new Map<string, Map<number, Durations>>();

  constructor(registry: Registry) {
    this.histogram = new DurationHistogram(
      registry,
      'call_service_http_request_duration_seconds',
      'HTTP requests, by method, route pattern ("none": no such route) and status',
      HTTP_BUCKETS,
    );
  }

  /** Before the server listens. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? 'none';
      this.seriesOf(route, request.method, reply.statusCode).observe(reply.elapsedTime / 1_000);
      done();
    });
  }

  private seriesOf(route: string, method: string, status: number): Durations {
    let ofRoute = this.series.get(route);
    if (!ofRoute) this.series.set(route, (ofRoute = new Map()));
    const known = METHODS.indexOf(method);
    const key = (known + 1) * STATUSES + status;
    let durations = ofRoute.get(key);
    if (!durations) {
      durations = this.histogram.with({ method: METHODS[known] ?? OTHER, route, status });
      ofRoute.set(key, durations);
    }
    return durations;
  }
}
