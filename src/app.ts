import { NestFactory } from '@nestjs/core';
import type { DynamicModule, LogLevel, LoggerService, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttp } from './http/fastify.js';
import type { HttpLimits } from './http/fastify.js';
import { serveDocs } from './http/openapi.js';

export interface AppOptions {
  /** Default: warnings and errors only. */
  logger?: LoggerService | LogLevel[] | false;
  limits?: Partial<HttpLimits>;
}

/** The configured application, which does not listen yet: `await app.listen(port, host)`. */
export async function createApp(
  module: Type | DynamicModule,
  { logger = ['warn', 'error', 'fatal'], limits = {} }: AppOptions = {},
): Promise<NestFastifyApplication> {
  const { adapter, filter } = createHttp(limits);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger,
  });
  app.useGlobalFilters(filter);
  serveDocs(app);
  return app;
}
