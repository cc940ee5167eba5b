import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { answerAndClose, answerClientError, refuseExpectation } from './client-errors.js';
import { DueAnswers } from './due-answers.js';
import { LastRequests } from './last-requests.js';
import { ProblemFilter } from './problem.filter.js';
import { HttpProblem } from './problems.js';
import type { RateLimit } from './rate-limit.js';
import { requestIdOf, returnRequestIds } from './request-id.js';
import { RouteTable } from './route-table.js';

/** What a stranger may send at most. */
const BODY_LIMIT_BYTES = 16 * 1024;
const HEADER_LIMIT_BYTES = 16 * 1024;
/** RFC 9110 §4.1 asks for 8000 at least. */
const URL_LIMIT_BYTES = 8 * 1024;

export interface HttpOptions {
  /** For a whole request, header and body, to arrive. */
  requestTimeoutMilliseconds: number;
  /** For a client to read on with an answer. */
  sendTimeoutMilliseconds: number;
  rateLimit: RateLimit | 'off';
  /** Origins whose pages may use the API. */
  corsOrigins: string[];
  /** Addresses and networks of proxies, whose X-Forwarded-For is believed. */
  trustedProxies: string[];
}

export const HTTP_DEFAULTS: HttpOptions = {
  requestTimeoutMilliseconds: 10_000,
  sendTimeoutMilliseconds: 30_000,
  rateLimit: 'off',
  corsOrigins: [],
  trustedProxies: [],
};

/** The Fastify adapter with the limits of the service, and the filter that answers all its refusals. */
export function createHttp(options: HttpOptions): { adapter: FastifyAdapter; filter: ProblemFilter } {
  const { requestTimeoutMilliseconds, sendTimeoutMilliseconds, trustedProxies } = options;
  const routes = new RouteTable();
  const filter = new ProblemFilter(routes);
  const adapter = new FastifyAdapter({
    forceCloseConnections: true,
    // Requests are logged by hooks (request-log.ts); Fastify would make its lines for nobody.
    logController: new LogController({ disableRequestLogging: true }),
    // No middleware is used; its hook would run on every request all the same.
    skipMiddie: true,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: requestTimeoutMilliseconds,
    connectionTimeout: sendTimeoutMilliseconds,
    genReqId: (request: IncomingMessage) => requestIdOf(request),
    trustProxy: trustedProxies.length > 0 && trustedProxies,
    // The request line fits the header limit, so no parameter is too long to be looked at and refused for what it is.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: HEADER_LIMIT_BYTES },
    http: {
      maxHeaderSize: HEADER_LIMIT_BYTES,
      headersTimeout: requestTimeoutMilliseconds,
      connectionsCheckingInterval: Math.ceil(requestTimeoutMilliseconds / 4),
      // Refused in the hook below, in the shape of all refusals.
      requireHostHeader: false,
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(error, request, reply),
  });
  const fastify = adapter.getInstance();
  returnRequestIds(fastify);
  prepare(fastify, routes);
  const answerLate = (reply: FastifyReply) =>
    filter.answer(new HttpProblem('engineTimeout'), reply.request, reply);
  const due = new DueAnswers(fastify);
  fastify.decorate('lastRequests', new LastRequests(fastify, due, answerLate));
  // Without activity for so long: idle, or its client does not read. Only a command may take its time.
  fastify.server.on('timeout', (socket) => {
    if (socket.writableLength > 0 || !due.on(socket)) socket.destroy();
  });
  return { adapter, filter };
}

function prepare(fastify: FastifyInstance, routes: RouteTable): void {
  fastify.addHook('onRoute', ({ url, method }) => routes.add(url, method));
  // The reference sends a body with GET.
  fastify.addHttpMethod('GET', { hasBody: true, overrideExisting: true });

  fastify.addHook('onRequest', (request, _reply, done) => {
    const type = request.raw.headers['content-type'];
    // The reference page prints the header's value in double quotes, and its clients send them.
    if (type !== undefined && type.charCodeAt(0) === 0x22)
      request.raw.headers['content-type'] = type.replaceAll('"', '');
    if (request.raw.headers.host === undefined && request.raw.httpVersion === '1.1') done(noHost());
    else done(request.url.length > URL_LIMIT_BYTES ? new HttpProblem('uriTooLong') : undefined);
  });

  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, parseBody(text as string));
    } catch (error) {
      done(error as Error);
    }
  });
  // A content type without a content means nothing.
  fastify.addContentTypeParser('*', (request, _payload, done) => {
    done(hasBody(request) ? new HttpProblem('unsupportedMediaType') : null);
  });

  fastify.server.on('checkExpectation', refuseExpectation);
  // Without a listener Node would close the connection without an answer.
  fastify.server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    answerAndClose(socket, 'routeNotFound');
  });
}

const noHost = () =>
  new HttpProblem('malformedRequest', {
    detail: 'An HTTP/1.1 request must have a Host header (RFC 9112 §3.2).',
  });

function hasBody(request: FastifyRequest): boolean {
  const { headers } = request;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/**
 * All bodies of the API are JSON objects; an empty one is none at all.
 * @throws HttpProblem
 */
function parseBody(text: string): Record<string, unknown> | undefined {
  if (text.length === 0) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    // V8 quotes the input in its message only up to some ten characters around the mistake.
    throw new HttpProblem('invalidJson', {
      detail: `The body is not valid JSON: ${(error as Error).message}`,
    });
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new HttpProblem('invalidRequest', {
      errors: [{ field: 'body', message: 'must be a JSON object' }],
    });
  // `__proto__`, `constructor`, `toString`…: no field is called so, and code that looks up a field by name would find them.
  for (const key of Object.keys(body))
    if (key in Object.prototype || key === 'prototype')
      throw new HttpProblem('invalidRequest', {
        errors: [{ field: key, message: 'is not a field of this request' }],
      });
  return body as Record<string, unknown>;
}
