import { setTimeout as delay } from 'node:timers/promises';
import type { HttpLoadResult } from './processes/http-load.ts';
import { Child } from './support/child.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { type Figure, median, medianRatio, type Part, progress, rounded } from './support/report.ts';
import { callsPath, type Service, startService } from './support/service.ts';
import { Workspace } from './support/workspace.ts';

const CONNECTIONS = 64;
/** A number of the sandbox's trunk that answers and stays. */
const STAYS = '+3212345678';
const ROUTE = '/api/v1/tenants/:tenantId/groups/:groupId/users/:userId/services/calls/:callId';

interface Contender {
  name: string;
  child: Child;
  port: number;
  path: string;
  token: string;
  body: string;
  perSecond: number[];
  /** CPU microseconds per request. */
  cpu: number[];
}

export const readACall: Part = {
  title: 'Authenticated GET of a call, against a bare Fastify route with the same JSON',
  run: async (quick) => {
    const workspace = new Workspace();
    try {
      return await measure(workspace, quick);
    } finally {
      await workspace.end();
    }
  },
};

async function measure(workspace: Workspace, quick: boolean): Promise<Figure[]> {
  const load = workspace.keep(new Child('processes/http-load.ts'));
  const postgres = workspace.keep(await startPostgres(workspace.path('postgres')));
  const databaseUrl = await postgres.database('calls');
  const embedded = await serving(
    'embedded store',
    workspace.keep(await startService(workspace.path('embedded'))),
  );
  const sql = await serving(
    'PostgreSQL',
    workspace.keep(await startService(workspace.path('on-postgres'), { DATABASE_URL: databaseUrl })),
  );
  const bareChild = workspace.keep(
    new Child('processes/bare-fastify.ts', { args: [ROUTE, embedded.body], env: { NODE_ENV: 'production' } }),
  );
  const port = Number((await bareChild.printed(/port (\d+)/))[1]);
  const bare: Contender = {
    ...embedded,
    path: embedded.path.slice(0, -1),
    name: 'bare Fastify',
    child: bareChild,
    port,
    perSecond: [],
    cpu: [],
  };
  const contenders = [bare, embedded, sql];
  const milliseconds = quick ? 1_000 : 4_000;
  for (const contender of contenders) await round(load, contender, milliseconds);
  for (const contender of contenders) Object.assign(contender, { perSecond: [], cpu: [] });
  const rounds = quick ? 2 : 7;
  for (let count = 1; count <= rounds; count++) {
    for (const contender of contenders) await round(load, contender, milliseconds);
    const shown = contenders.map(({ name, perSecond }) => `${name} ${rounded(perSecond.at(-1) ?? 0)}/s`);
    progress(`round ${count} of ${rounds}: ${shown.join(', ')}`);
  }
  return [
    {
      name: 'embedded store, of bare Fastify',
      value: medianRatio(embedded.perSecond, bare.perSecond),
      target: { at: 'least', value: 0.45 },
    },
    { name: 'PostgreSQL, of bare Fastify', value: medianRatio(sql.perSecond, bare.perSecond) },
    ...contenders.flatMap(({ name, perSecond, cpu }) => [
      { name: `${name}, requests per second`, value: median(perSecond) },
      { name: `${name}, CPU of the server per request`, value: median(cpu), unit: 'µs' },
    ]),
  ];
}

async function round(load: Child, contender: Contender, milliseconds: number): Promise<void> {
  const { child, port, path, token, body } = contender;
  const before = await child.usage();
  const { requests, wrong } = await load.ask<HttpLoadResult>('load', {
    port,
    path,
    token,
    body,
    connections: CONNECTIONS,
    milliseconds,
  });
  if (wrong !== undefined) throw new Error(`${contender.name} answered: ${wrong}`);
  contender.perSecond.push((requests * 1_000) / milliseconds);
  contender.cpu.push(((await child.usage()).cpu - before.cpu) / requests);
}

/** Places a call that stays up, and waits until it is Active. */
async function serving(name: string, { child, port, token }: Service): Promise<Contender> {
  const base = `http://127.0.0.1:${port}`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const dialled = await fetch(base + callsPath('foouser'), {
    method: 'POST',
    headers,
    body: JSON.stringify({ phoneNumber: STAYS }),
  });
  const { callId } = (await dialled.json()) as { callId: string };
  const path = `${callsPath('foouser')}${callId}/`;
  for (let attempt = 0; attempt < 100; attempt++) {
    const body = await (await fetch(base + path, { headers })).text();
    if ((JSON.parse(body) as { state: string }).state === 'Active') {
      return { name, child, port, path, token, body, perSecond: [], cpu: [] };
    }
    await delay(50);
  }
  throw new Error(`${name}: the call did not become Active`);
}
