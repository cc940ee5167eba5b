import { jest } from '@jest/globals';
import { OutsidePhones, pathOf } from '../support/outside-phones.js';
import { StrictClient } from '../support/strict-client.js';
import { eventually } from '../support/wait.js';

jest.setTimeout(60_000);

const USERS = [
  { id: 'foo', extension: '5600', recordingMode: 'On Demand' },
  { id: 'bar', extension: '5601' },
  { id: 'baz', extension: '5602' },
  { id: 'qux', extension: '5603', more: ['MB'] },
];
const COME_AGAIN = '5';

describe('a service that got SIGTERM', () => {
  let office: OutsidePhones;
  let callId: string;
  const client = new StrictClient();
  const ask = (method: string, path: string, body?: object) =>
    client.send(method, `${office.service.url}${pathOf('foo')}${path}`, office.token('foo'), {
      keepAlive: true,
      ...(body && { body }),
    });
  const begin = async (env: Record<string, string>) => {
    office = new OutsidePhones(USERS, env);
    await office.open();
    callId = await office.as('foo').dial('5601');
    await Promise.all([office.as('foo').only('Active'), office.as('bar').only('Active')]);
  };
  const terminate = async () => {
    office.service.signal('SIGTERM');
    await eventually(
      () => office.service.log.includes('No new calls') || undefined,
      () => `it does not drain:\n${office.service.log}`,
    );
  };
  const secondsToEnd = async () => {
    const from = Date.now();
    await office.service.ended();
    return (Date.now() - from) / 1_000;
  };

  afterEach(() => office.close());
  afterAll(() => client.close());

  it('refuses new calls, over REST and by phone, and says when to come again', async () => {
    await begin({ DRAIN_DELAY: '0s', DRAIN_TIMEOUT: '40s' });
    await terminate();
    for (const [path, body] of [
      ['', { phoneNumber: '5602' }],
      ['imrn/', { phoneNumber: '5602', callingPhoneNumber: '5600' }],
    ] as const) {
      expect(await ask('POST', path, body)).toMatchObject({
        status: 503,
        headers: { 'retry-after': COME_AGAIN, connection: 'close' },
        body: { type: '/problems/shutting-down', title: 'SHUTTING_DOWN' },
      });
    }
    const refused = await office.phone('baz').dial('5600');
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': [COME_AGAIN] } });
    expect(office.phone('foo').seen('INVITE').length).toBeGreaterThan(0);
    expect(office.phone('foo').ringing).toBe(0);
  });

  it('goes on with running calls, and ends when the last of them has', async () => {
    await begin({ DRAIN_DELAY: '0s', DRAIN_TIMEOUT: '40s' });
    await terminate();
    for (const action of ['hold', 'reconnect', 'startRecording'])
      expect(await ask('PUT', `${callId}/`, { action })).toMatchObject({ status: 200 });
    expect(await ask('PUT', `${callId}/`, { action: 'blindTransfer', phoneNumber: '5602' })).toMatchObject({
      status: 200,
    });
    await Promise.all([office.as('bar').only('Active'), office.as('baz').only('Active')]);
    const { callId: theirs } = await office.as('bar').only('Active');
    expect((await office.as('bar').release(theirs)).status).toBe(200);
    expect(await secondsToEnd()).toBeLessThan(15);
    expect(await office.service.ended()).toBe(0);
  });

  it('lets running calls be joined, and pulled to another device', async () => {
    await begin({ DRAIN_DELAY: '0s', DRAIN_TIMEOUT: '40s' });
    const qux = office.as('qux');
    await qux.dial('5600');
    await qux.only('Active');
    expect((await office.as('foo').hold(callId)).status).toBe(200);
    await terminate();
    expect((await qux.retrieve()).status).toBe(201);
    await qux.only('Active');
    const other = (await office.as('foo').list()).find((each) => each.callId !== callId);
    const joined = await office.as('foo').consultativeTransfer(callId, other?.callId ?? '');
    expect(joined.status).toBe(200);
    await Promise.all([qux.only('Active'), office.as('bar').only('Active'), office.as('foo').none()]);
  });

  it('leaves a call that goes on for longer to the next start', async () => {
    await begin({ DRAIN_DELAY: '0s', DRAIN_TIMEOUT: '1s' });
    await terminate();
    expect(await secondsToEnd()).toBeLessThan(20);
    expect(await office.service.ended()).toBe(0);
    expect(office.service.log).toContain('2 calls are left to the next start');
    await office.restart();
    expect((await office.as('foo').only('Active')).callId).toBe(callId);
    expect((await office.as('foo').hold(callId)).status).toBe(200);
    await office.as('bar').only('Remote Held');
  });

  it('waits for others to find out, also where no call is running', async () => {
    await begin({ DRAIN_DELAY: '2s', DRAIN_TIMEOUT: '30s' });
    expect((await ask('DELETE', `${callId}/`)).status).toBe(200);
    await Promise.all([office.as('foo').none(), office.as('bar').none()]);
    await terminate();
    expect((await ask('GET', '')).status).toBe(200);
    const seconds = await secondsToEnd();
    expect(seconds).toBeGreaterThan(1.5);
    expect(seconds).toBeLessThan(15);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends at once at a second signal, %s', async (second) => {
    await begin({ DRAIN_DELAY: '20s', DRAIN_TIMEOUT: '20s' });
    await terminate();
    office.service.signal(second);
    expect(await secondsToEnd()).toBeLessThan(8);
    expect(await office.service.ended()).toBe(1);
    await office.restart();
    expect((await office.as('foo').only('Active')).callId).toBe(callId);
  });

  it('answers a command that the phone does not, before it closes the connection', async () => {
    await begin({ DRAIN_DELAY: '0s', DRAIN_TIMEOUT: '500ms', SIP_COMMAND_TIMEOUT: '30s' });
    office.phone('foo').onRequest = ({ request }) => request.method === 'INVITE';
    const held = ask('PUT', `${callId}/`, { action: 'hold' });
    await office.phone('foo').waitFor('INVITE', 3);
    await terminate();
    expect(await held).toMatchObject({ status: 504, headers: { connection: 'close' } });
    expect(await office.service.ended()).toBe(0);
  });

  it('does not wait for calls at Ctrl+C', async () => {
    await begin({ DRAIN_DELAY: '20s', DRAIN_TIMEOUT: '20s' });
    office.service.signal('SIGINT');
    expect(await secondsToEnd()).toBeLessThan(10);
    expect(await office.service.ended()).toBe(0);
    await office.restart();
    expect((await office.as('foo').only('Active')).callId).toBe(callId);
  });
});
