import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { CALLS_FROM_HEADER } from '../calls/http/calls-from.js';
import { REQUEST_ID_HEADER } from './request-id.js';

/** How long a browser may remember what it was allowed. */
const MAX_AGE_SECONDS = 600;

/** Pages of these origins may use the API. Without any, browsers keep all of them from its answers. */
export async function allowOrigins(fastify: FastifyInstance, origins: string[]): Promise<void> {
  if (origins.length === 0) return;
  await fastify.register(cors, {
    origin: origins,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'traceparent', 'tracestate', REQUEST_ID_HEADER],
    exposedHeaders: [
      'retry-after',
      'ratelimit-limit',
      'ratelimit-remaining',
      'ratelimit-reset',
      'www-authenticate',
      CALLS_FROM_HEADER,
      REQUEST_ID_HEADER,
    ],
    maxAge: MAX_AGE_SECONDS,
    // An OPTIONS that asks for nothing is answered like any method that a path does not take.
    strictPreflight: false,
  });
}
