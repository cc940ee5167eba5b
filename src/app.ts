import { NestFactory } from '@nestjs/core';
import type { DynamicModule, LogLevel, LoggerService, Type } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import * as schemas from './calls/http/call-schemas.js';
import { TokenVerifier } from './auth/jwt/token-verifier.js';
import { allowOrigins } from './http/cross-origin.js';
import { createHttp, HTTP_DEFAULTS, type HttpOptions } from './http/fastify.js';
import { serveDocs } from './http/openapi.js';
import { limitRate } from './http/rate-limit.js';
import { addSecurityHeaders } from './http/security-headers.js';
import type { TryOut } from './http/try-out.js';
import { IMRN_SCHEMA } from './imrn/http/imrn-schema.js';

export interface AppOptions {
  /** Default: warnings and errors only. */
  logger?: LoggerService | LogLevel[] | false;
  http?: Partial<HttpOptions>;
  /** Told of the web server before it has a route, to watch its requests. */
  watchRequests?: ((fastify: FastifyInstance) => void)[];
  /** What the page of the API offers to try out. */
  tryOut?: TryOut;
}

const SCHEMAS = {
  Call: schemas.CALL_SCHEMA,
  CallList: schemas.CALL_LIST_SCHEMA,
  StartedCall: schemas.STARTED_CALL_SCHEMA,
  Imrn: IMRN_SCHEMA,
  Empty: schemas.EMPTY_SCHEMA,
  Problem: schemas.PROBLEM_SCHEMA,
};

/** The configured application, which does not listen yet: `await app.listen(port, host)`. */
export async function createApp(
  module: Type | DynamicModule,
  { logger = ['warn', 'error', 'fatal'], http = {}, watchRequests = [], tryOut = {} }: AppOptions = {},
): Promise<NestFastifyApplication> {
  const options = { ...HTTP_DEFAULTS, ...http };
  const { adapter, filter } = createHttp(options);
  for (const watch of watchRequests) watch(adapter.getInstance());
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger,
  });
  app.useGlobalFilters(filter);
  const fastify = adapter.getInstance();
  await addSecurityHeaders(fastify);
  await allowOrigins(fastify, options.corsOrigins);
  const verifier = app.get(TokenVerifier, { strict: false });
  if (options.rateLimit !== 'off') limitRate(fastify, options.rateLimit, (token) => verifier.known(token));
  serveDocs(app, SCHEMAS, tryOut);
  return app;
}
