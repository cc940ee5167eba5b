import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isCallId } from '../call-ids.js';
import { currentContext, inContext } from './current-context.js';

const PAGES = '/docs';

/** One span per request, child of the `traceparent` that came with it (W3C Trace Context). */
export class HttpSpans {
  private readonly contexts = new WeakMap<FastifyRequest, Context>();
  private readonly propagator = new W3CTraceContextPropagator();

  constructor(private readonly tracer: Tracer) {}

  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, _reply, done) => {
      const { url: route, config } = request.routeOptions;
      if (config.watched || route?.startsWith(PAGES)) return done();
      const context = this.begin(request, route);
      this.contexts.set(request, context);
      inContext(context, done);
    });
    // A body comes in by events of the socket, which know nothing of the request.
    fastify.addHook('preValidation', (request, _reply, done) => {
      const context = this.contexts.get(request);
      if (context && currentContext() !== context) inContext(context, done);
      else done();
    });
    fastify.addHook('onResponse', (request, { statusCode }, done) => {
      const context = this.contexts.get(request);
      const span = context && trace.getSpan(context);
      span?.setAttribute('http.response.status_code', statusCode);
      if (statusCode >= 500)
        span?.setAttribute('error.type', String(statusCode)).setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
      done();
    });
  }

  /** Neither path nor query: they hold what a client has made up. */
  private begin(request: FastifyRequest, route: string | undefined): Context {
    const parent = this.propagator.extract(ROOT_CONTEXT, request.headers, {
      keys: Object.keys,
      get: (headers, name) => headers[name],
    });
    const { callId } = (request.params ?? {}) as { callId?: unknown };
    const attributes = {
      'http.request.method': request.method,
      'url.scheme': request.protocol,
      'network.protocol.version': request.raw.httpVersion,
      ...(route !== undefined && { 'http.route': route }),
      ...(isCallId(callId) && { 'call.id': callId }),
    };
    const name = route === undefined ? request.method : `${request.method} ${route}`;
    const span = this.tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    return trace.setSpan(parent, span);
  }
}
