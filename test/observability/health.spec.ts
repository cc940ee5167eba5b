import { jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClustersFile } from '../support/broadworks/clusters-file.js';
import { StandIn } from '../support/broadworks/stand-in.js';
import { PlayedRtpengine } from '../support/played-rtpengine.js';
import { SandboxService } from '../support/sandbox-service.js';
import { eventually } from '../support/wait.js';

jest.setTimeout(60_000);

const UP = { status: 'up' };
const ALL_UP = { admission: UP, store: UP, engine: UP, media: UP, recordings: UP };

/** Without a token. */
async function health(service: SandboxService, path: 'live' | 'ready') {
  const answer = await fetch(`${service.url}/health/${path}`);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return { status: answer.status, body: (await answer.json()) as { status: string } };
}

/** Asks until the status is as wanted, since answers may be a second old. */
async function expectReady(
  service: SandboxService,
  wanted: { status: number; body: { status: string; parts: object } },
) {
  const last = await eventually(
    async () => {
      const { status, body } = await health(service, 'ready');
      return body.status === wanted.body.status ? { status, body } : undefined;
    },
    () => `never ${wanted.body.status}`,
    200,
    20_000,
  );
  expect(last).toEqual(wanted);
}

describe('the health of a service', () => {
  let service: SandboxService;
  beforeEach(async () => {
    service = new SandboxService();
    await service.start();
  });
  afterEach(() => service.close());

  it('is alive and ready without a token, and says no more than that', async () => {
    expect(await health(service, 'live')).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await health(service, 'ready')).toEqual({ status: 200, body: { status: 'ok', parts: ALL_UP } });
  });

  it('is not ready from the moment on at which no new calls are let in, and alive all the same', async () => {
    await health(service, 'ready');
    service.admission.close();
    const { status, body } = await health(service, 'ready');
    const admission = { status: 'down', message: 'the service is about to end: no new calls' };
    expect({ status, body }).toEqual({
      status: 503,
      body: { status: 'error', parts: { ...ALL_UP, admission } },
    });
    expect((await health(service, 'live')).status).toBe(200);
  });

  it('is not ready while the engine does not serve', async () => {
    await service.engine.stop();
    expect(await health(service, 'ready')).toMatchObject({
      status: 503,
      body: { status: 'error', parts: { engine: { status: 'down', message: 'does not serve' } } },
    });
  });
});

describe('a folder of recordings that cannot be written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'recordings-'));
  const service = new SandboxService({ RECORDINGS_DIR: join(folder, 'a-file') });
  beforeAll(async () => {
    writeFileSync(join(folder, 'a-file'), '');
    await service.start();
  });
  afterAll(async () => {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is degraded, which is ready all the same: calls can be placed', async () => {
    const recordings = { status: 'degraded', message: 'recordings cannot be written' };
    expect(await health(service, 'ready')).toEqual({
      status: 200,
      body: { status: 'degraded', parts: { ...ALL_UP, recordings } },
    });
  });
});

describe('a service before two clusters of switches', () => {
  let switches: StandIn[];
  let clusters: ClustersFile;
  let service: SandboxService;
  beforeAll(async () => {
    switches = [await StandIn.start(), await StandIn.start()];
    const [demo, west] = switches.map(({ url }) => url) as [string, string];
    clusters = new ClustersFile({ demo, west }, { barOn: 'west' });
    service = new SandboxService(clusters.env);
    await service.start();
  });
  afterAll(async () => {
    await service.close();
    for (const each of switches) await each.stop();
    clusters.remove();
  });

  it('is degraded, and says by which, while one of them does not tell of its calls', async () => {
    await expectReady(service, { status: 200, body: { status: 'ok', parts: ALL_UP } });
    await switches[1]?.stop();
    const engine = { status: 'degraded', message: 'cluster west does not tell of its calls' };
    await expectReady(service, { status: 200, body: { status: 'degraded', parts: { ...ALL_UP, engine } } });
  });
});

const pong: PlayedRtpengine['onRequest'] = ({ answer }) => answer({ result: 'pong' });

const media = (status: string, answering: number) => ({
  ...ALL_UP,
  media: { status, message: `${answering} of 2 nodes answer` },
});

describe('two instances of rtpengine', () => {
  let first: PlayedRtpengine;
  let second: PlayedRtpengine;
  let service: SandboxService;
  beforeEach(async () => {
    [first, second] = [await PlayedRtpengine.open(), await PlayedRtpengine.open()];
    first.onRequest = pong;
    second.onRequest = pong;
    const addresses = [first, second].map(({ address }) => `${address.host}:${address.port}`);
    service = new SandboxService({ RTPENGINE: addresses.join(',') });
    await service.start();
  });
  afterEach(async () => {
    await service.close();
    await first.close();
    await second.close();
  });

  it('are ready without the one, not ready without both, and ready again when they answer', async () => {
    await expectReady(service, { status: 200, body: { status: 'ok', parts: ALL_UP } });
    first.onRequest = () => undefined;
    await expectReady(service, { status: 200, body: { status: 'degraded', parts: media('degraded', 1) } });
    second.onRequest = () => undefined;
    await expectReady(service, { status: 503, body: { status: 'error', parts: media('down', 0) } });
    first.onRequest = pong;
    second.onRequest = pong;
    await expectReady(service, { status: 200, body: { status: 'ok', parts: ALL_UP } });
  });

  it('are asked once a second at most, however often a stranger asks for the health', async () => {
    await expectReady(service, { status: 200, body: { status: 'ok', parts: ALL_UP } });
    const asked = first.requests.length;
    const began = performance.now();
    for (let count = 0; count < 100; count++) await health(service, 'ready');
    const seconds = (performance.now() - began) / 1_000;
    expect(first.requests.length - asked).toBeLessThanOrEqual(Math.floor(seconds) + 1);
  });

  it('that are silent hold no answer up', async () => {
    first.onRequest = () => undefined;
    second.onRequest = () => undefined;
    const began = performance.now();
    await eventually(
      async () => (await health(service, 'ready')).status === 503 || undefined,
      () => 'still ready',
    );
    expect(performance.now() - began).toBeLessThan(2_500);
  });
});
