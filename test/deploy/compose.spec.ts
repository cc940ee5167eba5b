import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCompose } from '../../scripts/rehearse/compose.ts';
import { loadConfig } from '../../src/config/config.js';
import { parseDuration } from '../../src/config/duration.js';
import { ENVIRONMENT } from '../../src/config/environment.js';

const ROOT = join(import.meta.dirname, '../..');
const CLOSING_MS = 5_000;

describe('docker-compose.yml', () => {
  const services = readCompose(join(ROOT, 'docker-compose.yml'));
  const service = services['call-service']!;
  const { postgres, rtpengine } = services;
  const config = loadConfig(service.environment!);

  it('names only variables that the service has', () => {
    expect(Object.keys(ENVIRONMENT.shape)).toEqual(expect.arrayContaining(Object.keys(service.environment!)));
  });

  it('gives the service the database that it starts', () => {
    const { username, password, host, pathname } = new URL(config.databaseUrl!);
    expect({ username, password, database: pathname.slice(1) }).toEqual({
      username: postgres!.environment!['POSTGRES_USER'],
      password: postgres!.environment!['POSTGRES_PASSWORD'],
      database: postgres!.environment!['POSTGRES_DB'],
    });
    expect(postgres!.ports).toEqual([`${host}:5432`]);
  });

  it('gives the service the rtpengine that it starts, with the same spool', () => {
    const [{ host, port } = { host: '', port: 0 }] = config.rtpengine!;
    expect(rtpengine!.command).toEqual(
      expect.arrayContaining([
        `--listen-ng=${host}:${port}`,
        `--interface=${config.sipBind}`,
        `--recording-dir=${config.rtpengineSpool}`,
      ]),
    );
    const mounted = service.volumes.find(([, path]) => path === config.rtpengineSpool);
    expect(rtpengine!.volumes).toEqual([mounted]);
  });

  it('keeps data and recordings in volumes, and lets the images write nowhere else', () => {
    expect(service.volumes.map(([, path]) => path)).toEqual(expect.arrayContaining(['/data', '/recordings']));
    for (const name of ['call-service', 'rtpengine', 'first-call'])
      expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });

  it('waits longer for the end of the service than the service does for calls', () => {
    const { drainTimeout } = config as unknown as { drainTimeout: number };
    expect(parseDuration(service.stop_grace_period!)).toBeGreaterThan(drainTimeout + CLOSING_MS);
  });

  it('starts each service when the one before is healthy', () => {
    expect(service.depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      rtpengine: { condition: 'service_healthy' },
    });
    expect(services['first-call']!.depends_on).toEqual({ 'call-service': { condition: 'service_healthy' } });
    expect(postgres!.healthcheck).toBeDefined();
    for (const file of ['Dockerfile', 'deploy/rtpengine/Dockerfile'])
      expect(readFileSync(join(ROOT, file), 'utf8')).toMatch(/^HEALTHCHECK .*CMD \[/m);
  });

  it('places the first call with a script that is there', () => {
    const { command, volumes } = services['first-call']!;
    const [folder, inside] = volumes.find(([source]) => source?.startsWith('.'))!;
    expect(existsSync(join(ROOT, folder!, command![0]!.slice(inside!.length)))).toBe(true);
  });
});
