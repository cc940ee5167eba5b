import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type LoggerService, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { createApp } from '../../src/app.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { BlindTransferCall } from '../../src/calls/application/blind-transfer-call.js';
import { ConsultativeTransfer } from '../../src/calls/application/consultative-transfer.js';
import { DialNumber } from '../../src/calls/application/dial-number.js';
import { GetCall } from '../../src/calls/application/get-call.js';
import { HoldCall } from '../../src/calls/application/hold-call.js';
import { ListCalls } from '../../src/calls/application/list-calls.js';
import { ReconnectCall } from '../../src/calls/application/reconnect-call.js';
import { RecordCall } from '../../src/calls/application/record-call.js';
import { ReleaseCall } from '../../src/calls/application/release-call.js';
import { RetrieveCall } from '../../src/calls/application/retrieve-call.js';
import { CallsController } from '../../src/calls/http/calls.controller.js';
import { loadConfig } from '../../src/config/config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import type { HttpOptions } from '../../src/http/fastify.js';
import type { LastRequests } from '../../src/http/last-requests.js';
import { LeaseImrn } from '../../src/imrn/application/lease-imrn.js';
import { ImrnController } from '../../src/imrn/http/imrn.controller.js';
import { HealthController } from '../../src/observability/health/health.controller.js';
import { PARTS, Readiness } from '../../src/observability/health/readiness.js';
import { MetricsController } from '../../src/observability/metrics/metrics.controller.js';
import { ServiceMetrics } from '../../src/observability/metrics/service-metrics.js';
import { tryOut } from '../../src/service.js';
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
  /** The end of the web server. */
  lastRequests: LastRequests;
  /** Open ones. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

const USE_CASES = [
  BlindTransferCall,
  ConsultativeTransfer,
  DialNumber,
  GetCall,
  HoldCall,
  ListCalls,
  ReconnectCall,
  RecordCall,
  ReleaseCall,
  RetrieveCall,
];

const ALL_UP = Object.fromEntries(PARTS.map((part) => [part, { status: 'up' }]));

/** The whole HTTP layer on a real socket, with the demo directory and real tokens, before use cases that are made up. */
export async function startWeb(
  http: Partial<HttpOptions> = {},
  logger: LoggerService | false = false,
): Promise<WebService> {
  const calls = new FakeCalls();
  const dataDir = await mkdtemp(join(tmpdir(), 'web-'));
  const config = loadConfig({ DATA_DIR: dataDir });

  @Module({
    imports: [ConfigModule.with(config), AuthModule, TerminusModule.forRoot({ logger: false })],
    controllers: [CallsController, ImrnController, HealthController, MetricsController],
    providers: [
      ...[...USE_CASES, LeaseImrn].map((useCase) => ({ provide: useCase, useValue: calls })),
      { provide: Readiness, useValue: { findings: async () => ALL_UP } },
      { provide: ServiceMetrics, useValue: { contentType: 'text/plain', text: async () => '' } },
    ],
  })
  class WebModule {}

  const app = await createApp(WebModule, { logger, http, tryOut: tryOut(loadConfig({})) });
  await app.listen(0, '127.0.0.1');
  const server: Server = app.getHttpServer();
  const { port } = server.address() as AddressInfo;
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
    lastRequests: app.getHttpAdapter().getInstance().lastRequests,
    connections: () => promisify(server.getConnections.bind(server))(),
    close: async () => {
      await app.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
