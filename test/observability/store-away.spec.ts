import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { SandboxService } from '../support/sandbox-service.js';
import { scrapeUntil } from '../support/scrape.js';
import { startTcpRelay, type TcpRelay } from '../support/tcp-relay.js';
import { eventually } from '../support/wait.js';

describe('the health of a service whose PostgreSQL is away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'store-away-'));
  let server: Postgres;
  let relay: TcpRelay;
  let service: SandboxService;
  beforeAll(async () => {
    server = await startPostgres(join(folder, 'data'));
    relay = await startTcpRelay(server.port);
    const url = await server.database('away');
    service = new SandboxService({ DATABASE_URL: url.replace(`:${server.port}/`, `:${relay.port}/`) });
    await service.start();
  }, 60_000);
  afterAll(async () => {
    await service?.close();
    await relay?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const ready = () => fetch(`${service.url}/health/ready`);

  async function until(status: number): Promise<void> {
    await eventually(
      async () => (await ready()).status === status || undefined,
      () => `not ${status}`,
      200,
      20_000,
    );
  }

  it('is told in less than a second each time, names no address, and is over when the store answers', async () => {
    await until(200);
    relay.silence();
    await until(503);
    const began = performance.now();
    const answer = await ready();
    const text = await answer.text();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(JSON.parse(text)).toMatchObject({ status: 'error', parts: { store: { status: 'down' } } });
    expect(text).not.toMatch(/\d+\.\d+\.\d+\.\d+|postgres|:\d{4}/);
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    await scrapeUntil(service.url, (scrape) => scrape.value('call_service_part_up', { part: 'store' }) === 0);

    relay.speak();
    await until(200);
    await scrapeUntil(service.url, (scrape) => scrape.value('call_service_part_up', { part: 'store' }) === 1);
  }, 60_000);
});
