import { once } from 'node:events';
import { type IncomingMessage, get as httpGet } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AuthModule } from '../../src/auth/auth.module.js';
import { CallingUser } from '../../src/auth/http/calling-user.js';
import { EndUserGuard } from '../../src/auth/http/end-user.guard.js';
import { loadConfig } from '../../src/config/config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import type { User } from '../../src/directory/domain/user.js';

@Controller('tenants/:tenantId/groups/:groupId/users/:userId')
@UseGuards(EndUserGuard)
class GuardedController {
  @Get()
  show(@CallingUser() user: User) {
    return { callingUser: user.ref };
  }
}

@Module({ imports: [AuthModule], controllers: [GuardedController] })
class GuardedModule {}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export interface GuardedApp {
  /** @param path `tenant/group/user`, sent as it is @param authorization the header */
  get(path: string, authorization?: string): Promise<Answer>;
}

const open: NestFastifyApplication[] = [];

/** For afterAll, so that a failing test leaves nothing running. */
export async function closeGuardedApps(): Promise<void> {
  await Promise.all(open.splice(0).map((app) => app.close()));
}

/** A server on a free port of loopback with nothing but the guard. */
export async function startGuardedApp(env: NodeJS.ProcessEnv): Promise<GuardedApp> {
  const tested = Test.createTestingModule({ imports: [ConfigModule.with(loadConfig(env)), GuardedModule] });
  const adapter = new FastifyAdapter({
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4_096 },
  });
  const app = (await tested.compile()).createNestApplication<NestFastifyApplication>(adapter);
  open.push(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    async get(path, authorization) {
      const [tenant, group, user] = path.split('/');
      const headers = authorization === undefined ? {} : { authorization };
      const target = {
        host: '127.0.0.1',
        port,
        path: `/tenants/${tenant}/groups/${group}/users/${user}`,
        headers,
      };
      const [response] = (await once(httpGet(target), 'response')) as [IncomingMessage];
      return { status: response.statusCode ?? 0, body: (await json(response)) as Answer['body'] };
    },
  };
}
