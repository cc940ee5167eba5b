import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
class C { @Get() get(@CallingUser() u: User) { return u.ref; } }
@Module({ imports: [AuthModule], controllers: [C] }) class M {}

test('x', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'auth-'));
  const config = loadConfig({ DATA_DIR: dir });
  const m = await Test.createTestingModule({ imports: [ConfigModule.with(config), M] }).compile();
  const app = m.createNestApplication<NestFastifyApplication>(new FastifyAdapter({ forceCloseConnections: true }));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  for (const t of ['', 'x']) { const r = await fetch(url + '/tenants/foo/groups/foogroup/users/foouser', { headers: t ? { authorization: 'Bearer '+t } : {} }); console.log(r.status, await r.text()); }
  const { execFileSync } = await import('node:child_process');
  const token = execFileSync('node_modules/.bin/node', ['dist/auth/token-cli.js', '--tenant', 'foo', '--group', 'foogroup', '--user', 'foouser'], { env: { DATA_DIR: dir }, encoding: 'utf8' }).trim();
  for (const p of ['foouser', 'foouser', 'baruser', 'nobody', '..%2f', 'a%00b', 'x'.repeat(99)]) { const r = await fetch(url + '/tenants/foo/groups/foogroup/users/' + p, { headers: { authorization: 'Bearer '+token } }); console.log(r.status, await r.text()); }
  await app.close();
  expect(1).toBe(1);
});
