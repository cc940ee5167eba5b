import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoggerService, Module } from '@nestjs/common';
import { createApp } from '../../src/app.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { DialNumber } from '../../src/calls/application/dial-number.js';
import { GetCall } from '../../src/calls/application/get-call.js';
import { HoldCall } from '../../src/calls/application/hold-call.js';
import { ListCalls } from '../../src/calls/application/list-calls.js';
import { ReconnectCall } from '../../src/calls/application/reconnect-call.js';
import { ReleaseCall } from '../../src/calls/application/release-call.js';
import { CallsController } from '../../src/calls/http/calls.controller.js';
import { loadConfig } from '../../src/config/config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import type { HttpLimits } from '../../src/http/fastify.js';
import { FakeCalls } from './fake-calls.js';
import { ownToken } from './own-token.js';

export const CALLS = '/api/v1/tenants/foo/groups/foogroup/users/foouser/services/calls';

export interface WebService {
  port: number;
  url: string;
  /** Stands where the use cases are. */
  calls: FakeCalls;
  /** `Bearer …` of foouser. */
  authorization: string;
  /** Asks with foouser's token; `body` is sent as JSON unless it is a string. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** The whole HTTP layer on a real socket, with the demo directory and real tokens, before use cases that are made up. */
export async function startWeb(
  limits: Partial<HttpLimits> = {},
  logger: LoggerService | false = false,
): Promise<WebService> {
  const calls = new FakeCalls();
  const dataDir = await mkdtemp(join(tmpdir(), 'web-'));
  const config = loadConfig({ DATA_DIR: dataDir });

  @Module({
    imports: [ConfigModule.with(config), AuthModule],
    controllers: [CallsController],
    providers: [DialNumber, ListCalls, GetCall, HoldCall, ReconnectCall, ReleaseCall].map((useCase) => ({
      provide: useCase,
      useValue: calls,
    })),
  })
  class WebModule {}

  const app = await createApp(WebModule, { logger, limits });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const authorization = `Bearer ${await ownToken(dataDir, { tenant: 'foo', group: 'foogroup', user: 'foouser' })}`;
  return {
    port,
    url,
    calls,
    authorization,
    ask: (method, path, body, headers = {}) =>
      fetch(url + path, {
        method,
        headers: {
          authorization,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    close: async () => {
      await app.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
