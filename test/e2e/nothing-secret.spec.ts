import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { Client } from 'pg';
import { OtlpReceiver } from '../support/otlp-receiver.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { callsPath } from '../support/rest-client.js';
import { buildService, ServiceProcess } from '../support/service-process.js';
import { SipPhone } from '../support/sip-phone.js';
import { eventually } from '../support/wait.js';

const DEMO_DIRECTORY = join(import.meta.dirname, '../../src/directory/demo-directory.yaml');
const OUTSIDE = ['+3212345678', '+32471990011', '+32471990022', '+32471990033'] as const;
const OWN = ['+3212345600', '+3212345601', '+32470123456', '+3212345690'];
const BROKEN = ['+32477112233', '+32477445566', '+32477778899', '+32477000111', '+32477000222'] as const;
const DATABASE_PASSWORD = 'Correct-Horse-7';
const WRONG_PASSWORD = 'Wrong-Horse-8';
const NO_TOKEN = 'opaque-Zebra-token';
const PATH = callsPath({ tenant: 'foo', group: 'foogroup', user: 'foouser' });

const forgedToken = () =>
  new SignJWT({ tenant: 'foo', group: 'foogroup' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('foouser')
    .sign(new TextEncoder().encode('a key that nobody knows of, long enough'));

describe('Whatever the service says, at its most talkative', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secret-'));
  const directoryFile = join(folder, 'directory.yaml');
  const secrets = [DATABASE_PASSWORD, WRONG_PASSWORD, NO_TOKEN];
  let receiver: OtlpReceiver;
  let postgres: Postgres;
  let service: ServiceProcess;

  beforeAll(async () => {
    buildService();
    writeFileSync(directoryFile, readFileSync(DEMO_DIRECTORY));
    receiver = await OtlpReceiver.start();
    postgres = await startPostgres(join(folder, 'postgres'));
    const owner = new Client({ connectionString: await postgres.database('calls') });
    await owner.connect();
    await owner.query(`CREATE ROLE service LOGIN SUPERUSER PASSWORD '${DATABASE_PASSWORD}'`);
    await owner.end();
    service = new ServiceProcess({
      DATABASE_URL: `postgres://service:${DATABASE_PASSWORD}@127.0.0.1:${postgres.port}/calls`,
      DIRECTORY_FILE: directoryFile,
      SANDBOX: 'on',
      LOG_LEVEL: 'debug',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    });
    await service.start();
    secrets.push(service.tokenOf('foouser'), service.tokenOf('baruser'));
    for (const [, password = ''] of readFileSync(DEMO_DIRECTORY, 'utf8').matchAll(/password: (\S+)/g))
      secrets.push(password);
  }, 120_000);
  afterAll(async () => {
    await service.stop();
    await postgres.stop().catch(() => undefined);
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const ask = async (init: RequestInit, path = '') => (await fetch(service.url + PATH + path, init)).status;
  const post = (body: string) =>
    ask({
      method: 'POST',
      headers: { authorization: `Bearer ${secrets[3]}`, 'content-type': 'application/json' },
      body,
    });

  it('places, moves and anchors calls to numbers', async () => {
    const calls = service.as('foouser');
    const callId = await calls.dial(OUTSIDE[0]);
    await calls.only('Active');
    expect((await calls.hold(callId)).status).toBe(200);
    expect((await calls.reconnect(callId)).status).toBe(200);
    await calls.blindTransfer(callId, OUTSIDE[1]);
    for (const { callId: left } of await calls.list()) await calls.release(left);
    await calls.none();
    expect((await calls.leaseImrn(OUTSIDE[2], '+32470123456')).status).toBe(201);
    const number = await calls.dial('+3212345601');
    await calls.release(number);
  }, 30_000);

  it('calls from a phone that proves who it is, and refuses one that does not', async () => {
    const phone = await SipPhone.register('LP_baruser', service.sip);
    await phone.dial(OUTSIDE[0]);
    await service.as('baruser').only('Active');
    await phone.hangUp();
    await phone.stop();
    await expect(SipPhone.register('MB_foouser', service.sip, { password: WRONG_PASSWORD })).rejects.toThrow(
      '40',
    );
    const socket = createSocket('udp4');
    const { host, port } = service.sip;
    for (const text of [
      `INVITE sip:${BROKEN[0]}@x SIP/2.0\r\nAuthorization: Digest username="a", response="${NO_TOKEN}"\r\n\r\n`,
      `INVITE sip:${BROKEN[0]} HTTP/1.0\r\n\r\n`,
    ])
      await new Promise((sent) => socket.send(text, port, host, sent));
    socket.close();
  }, 30_000);

  it('refuses bad tokens and broken bodies', async () => {
    const forged = await forgedToken();
    secrets.push(forged);
    for (const token of [NO_TOKEN, forged, `${secrets[3]}x`])
      expect(await ask({ headers: { authorization: `Bearer ${token}` } })).toBe(401);
    expect(await ask({}, `?access_token=${secrets[3]}&to=${BROKEN[1]}`)).toBe(401);
    expect(await post(`{"phoneNumber": "${BROKEN[1]}"`)).toBe(400);
    expect(await post(`{"phoneNumber": "${BROKEN[2]}99999999", "password": "${WRONG_PASSWORD}"}`)).toBe(400);
    expect(await post(`{"phoneNumber": ${BROKEN[2].slice(1)}}`)).toBe(400);
    const headers = { authorization: `Bearer ${secrets[3]}`, 'x-request-id': BROKEN[4] };
    expect(await ask({ headers }, encodeURIComponent(BROKEN[3]))).toBe(404);
  });

  it('does not take a directory that is wrong', async () => {
    const broken = readFileSync(DEMO_DIRECTORY, 'utf8').replace(
      "phoneNumber: '+3212345600'",
      `'${BROKEN[3]}': office`,
    );
    writeFileSync(directoryFile, broken);
    const told = await eventually(
      () => service.log.split('\n').find((line) => line.includes('directory stays as it was')),
      () => service.log,
    );
    expect(told).toContain('is not a known field');
  }, 15_000);

  it('does not start where the database refuses it', async () => {
    const url = `postgres://service:${WRONG_PASSWORD}@127.0.0.1:${postgres.port}/calls`;
    const refused = new ServiceProcess({ DATABASE_URL: url });
    await expect(refused.start()).rejects.toThrow('does not start');
    expect(refused.log).toContain('authentication failed');
    expect(refused.log).not.toContain(WRONG_PASSWORD);
    await refused.stop();
  }, 30_000);

  it('loses its database', async () => {
    await postgres.stop();
    expect(await post(`{"phoneNumber": "${OUTSIDE[3]}"}`)).toBe(503);
    await service.stop();
  }, 60_000);

  it('holds no token, no password and no whole phone number', () => {
    // Something has been said, and sent.
    expect(service.log.split('\n').length).toBeGreaterThan(30);
    expect(service.log).toContain('+32•••••11');
    expect(receiver.spans.length).toBeGreaterThan(50);
    const numbers = [...OUTSIDE, ...OWN, ...BROKEN].map((number) => number.slice(1));
    const said = `${service.log}\n${receiver.text}`;
    const found = [...secrets, ...numbers].filter((secret) => secret === '' || said.includes(secret));
    expect(found).toEqual([]);
    expect(secrets.length).toBeGreaterThan(12);
  });
});
