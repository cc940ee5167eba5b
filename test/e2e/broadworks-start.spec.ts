import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildService, MAIN, ServiceProcess } from '../support/service-process.js';

const CLUSTERS = `clusters:
  - {id: demo, url: "http://127.0.0.1:9", username: admin, password: sesame}
`;

describe('a service with ENGINE=broadworks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'broadworks-start-'));
  const file = join(folder, 'clusters.yaml');
  const env = { ENGINE: 'broadworks', BROADWORKS_FILE: file };

  beforeAll(buildService, 120_000);
  beforeEach(() => writeFileSync(file, CLUSTERS));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('starts while no switch can be reached, without SIP, audio and sandbox, and says so', async () => {
    const service = new ServiceProcess({ ...env, SANDBOX: 'on', LOG_FORMAT: 'text' });
    await service.start();
    try {
      expect(service.log).toContain(`Call service on ${service.url}, switch broadworks\n`);
      expect(service.log).not.toContain('SIP on');
      const health = await fetch(`${service.url}/health/ready`);
      expect(await health.json()).toMatchObject({
        parts: { store: { status: 'up' }, media: { status: 'up' } },
      });
      const dial = await service.as('foouser').send('POST', '', { phoneNumber: '+3212345678' });
      expect(dial.status).toBe(503);
      expect(JSON.stringify(dial.body)).not.toContain('127.0.0.1');
      expect(service.log).not.toContain('sesame');
    } finally {
      await service.stop();
    }
  }, 30_000);

  it.each([
    [
      'a mistake',
      CLUSTERS.replace('http:', 'ftp:'),
      /^\S+:2: clusters\[0\]\.url: must be an http:\/\/ .*\n$/,
    ],
    [
      'a cluster of the directory missing',
      CLUSTERS.replace('demo', 'east'),
      /^\S+:1: clusters: has no demo, .*\n$/,
    ],
  ])('does not start with %s in its file, and says why in one line', (_, text, complaint) => {
    writeFileSync(file, text);
    const { PATH } = process.env;
    const options = {
      env: { PATH, HOST: '127.0.0.1', PORT: '0', DATA_DIR: folder, ...env },
      encoding: 'utf8',
    } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN], options);
    expect(status).toBe(1);
    expect(stdout).not.toContain('Call service');
    expect(stderr).toMatch(complaint);
  });
});
