import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callsPath } from '../support/rest-client.js';
import { buildService, ServiceProcess } from '../support/service-process.js';
import { SipPhone } from '../support/sip-phone.js';
import { eventually } from '../support/wait.js';

const DEMO_DIRECTORY = join(import.meta.dirname, '../../src/directory/demo-directory.yaml');
const ANSWERS = '+3212345678';
const ROUTE = '/api/v1/tenants/:tenantId/groups/:groupId/users/:userId/services/calls';

type Line = Record<string, unknown>;

/** The last one may have arrived in part. */
const linesOf = (service: ServiceProcess) =>
  service.log
    .slice(0, service.log.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

const lineOf = (service: ServiceProcess, wanted: (line: Line) => boolean) =>
  eventually(
    () => linesOf(service).find(wanted),
    () => `no such line in\n${service.log}`,
  );

beforeAll(buildService, 120_000);

describe('The log of the service', () => {
  let service: ServiceProcess;
  beforeAll(async () => {
    service = new ServiceProcess({ LOG_LEVEL: 'debug' });
    await service.start();
  }, 30_000);
  afterAll(() => service.stop());

  it('is a line of JSON for each event, from the first one on', () => {
    expect(linesOf(service)[0]).toMatchObject({ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(linesOf(service).at(-1)?.msg).toMatch(/^Call service on http:/);
  });

  it('has one line per request: its id and its call, route, status and duration, nothing that it said', async () => {
    const calls = service.as('foouser');
    const callId = await calls.dial(ANSWERS);
    const dial = await lineOf(service, ({ method, route }) => method === 'POST' && route === ROUTE);
    expect(dial).toEqual({
      level: 'info',
      time: expect.any(String),
      context: 'Request',
      requestId: expect.any(String),
      callId,
      externalTrackingId: (await calls.only('Active')).externalTrackingId,
      method: 'POST',
      route: ROUTE,
      status: 201,
      durationMs: expect.any(Number),
      msg: 'answered',
    });
    expect((await calls.hold(callId)).status).toBe(200);
    const hold = await lineOf(service, ({ method }) => method === 'PUT');
    expect(hold).toMatchObject({ callId, route: `${ROUTE}/:callId`, status: 200 });
    expect(hold.requestId).not.toBe(dial.requestId);
    await calls.send('GET', '?includeDetails=true');
    expect(service.log).not.toContain('includeDetails');
    await calls.release(callId);
  });

  it('names the call of a line that no request has led to', async () => {
    const phone = await SipPhone.register('LP_baruser', service.sip);
    // Where recordings would go is no folder: the call of a user who is always recorded goes on without.
    rmSync(join(service.dataDir, 'recordings'), { recursive: true, force: true });
    writeFileSync(join(service.dataDir, 'recordings'), '');
    await phone.dial(ANSWERS);
    const call = await service.as('baruser').only('Active');
    const failed = await lineOf(service, ({ msg }) => /^Recording of .* has failed/.test(String(msg)));
    expect(failed).toMatchObject({
      level: 'warn',
      context: 'RecordCalls',
      callId: call.callId,
      externalTrackingId: call.externalTrackingId,
    });
    expect(failed).not.toHaveProperty('requestId');
    await phone.hangUp();
    await phone.stop();
  });

  it('does not take what a client puts in the place of a call id for one', async () => {
    const path = callsPath({ tenant: 'foo', group: 'foogroup', user: 'foouser' });
    await fetch(`${service.url}${path}callhalf-3212345678:0`);
    const line = await lineOf(service, ({ method, status }) => method === 'GET' && status === 401);
    expect(line).not.toHaveProperty('callId');
  });
});

describe('A log that is for a person', () => {
  it('is text, and shows how to place a first call', async () => {
    const service = new ServiceProcess({ LOG_FORMAT: 'text' });
    await service.start();
    expect(service.log).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}\[SipEngine\] SIP on /m);
    await eventually(
      () => /^ {2}TOKEN=.*\n {2}curl /m.exec(service.log) ?? undefined,
      () => service.log,
    );
    await service.stop();
  }, 20_000);

  it.each([
    ['off', '+32•••••11'],
    ['on', '+32477000111'],
  ])(
    'shows phone numbers if the operator wants them: LOG_PHONE_NUMBERS=%s',
    async (wanted, shown) => {
      const folder = mkdtempSync(join(tmpdir(), 'log-'));
      const file = join(folder, 'directory.yaml');
      const demo = readFileSync(DEMO_DIRECTORY, 'utf8');
      writeFileSync(file, demo);
      const service = new ServiceProcess({ DIRECTORY_FILE: file, LOG_PHONE_NUMBERS: wanted });
      await service.start();
      writeFileSync(file, demo.replace("phoneNumber: '+3212345600'", "'+32477000111': office"));
      const refused = await lineOf(service, ({ context }) => context === 'Directory');
      expect(refused.msg).toContain(shown);
      await service.stop();
      rmSync(folder, { recursive: true });
    },
    20_000,
  );
});

const placeCall = async (service: ServiceProcess) => {
  const calls = service.as('foouser');
  const callId = await calls.dial(ANSWERS);
  await calls.only('Active');
  expect((await calls.hold(callId)).status).toBe(200);
  expect((await calls.release(callId)).status).toBe(200);
  await calls.none();
};
const millisecondsToStop = async (service: ServiceProcess) => {
  const started = performance.now();
  await service.stop();
  return performance.now() - started;
};

describe('Calls', () => {
  it('go on where the reader of the log has gone', async () => {
    const service = new ServiceProcess({ LOG_LEVEL: 'debug' });
    await service.start();
    service.child.stdout?.destroy();
    service.child.stderr?.destroy();
    for (let count = 0; count < 3; count++) await placeCall(service);
    expect(service.child.exitCode).toBeNull();
    expect(await millisecondsToStop(service)).toBeLessThan(10_000);
    expect(service.child.exitCode).toBe(0);
  }, 60_000);

  it('go on where nobody reads the log; of the lines that wait about a megabyte is kept, the rest is counted', async () => {
    const service = new ServiceProcess({ LOG_LEVEL: 'debug', RATE_LIMIT: 'off' });
    await service.start();
    service.child.stdout?.pause();
    const readBefore = service.log.length;
    const requests = 12_000;
    for (let sent = 0; sent < requests; sent += 200) {
      await Promise.all(
        Array.from({ length: 200 }, () => fetch(`${service.url}/nothing`).then((answer) => answer.text())),
      );
    }
    await placeCall(service);
    service.child.stdout?.resume();
    const { lines } = await lineOf(service, ({ msg }) => /were dropped/.test(String(msg)));
    expect(service.log.length - readBefore).toBeLessThan(1_500_000);
    const logged = linesOf(service).filter(({ route }) => route === 'none').length;
    // Besides the lines of `placeCall`, some twenty.
    expect(logged + Number(lines)).toBeGreaterThanOrEqual(requests);
    expect(logged + Number(lines)).toBeLessThan(requests + 100);
    await placeCall(service);
    await service.stop();
  }, 120_000);

  it('do not keep a service up whose log nobody reads', async () => {
    const service = new ServiceProcess({ LOG_LEVEL: 'debug', RATE_LIMIT: 'off' });
    await service.start();
    service.child.stdout?.pause();
    for (let count = 0; count < 2_000; count++) await (await fetch(`${service.url}/nothing`)).text();
    expect(await millisecondsToStop(service)).toBeLessThan(10_000);
    expect(service.child.exitCode).toBe(0);
  }, 60_000);
});

describe('The last line of a service', () => {
  it('is written before it ends', async () => {
    const service = new ServiceProcess({ LOG_LEVEL: 'debug' });
    await service.start();
    const calls = service.as('foouser');
    await Promise.all(Array.from({ length: 50 }, () => calls.list()));
    await service.stop();
    expect(linesOf(service).filter(({ method }) => method === 'GET')).toHaveLength(50);
  }, 30_000);
});
