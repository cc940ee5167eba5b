import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { CALL_ID } from '../support/fake-calls.js';
import { exchange, request } from '../support/raw-http.js';
import { CALLS, startWeb, type WebService } from '../support/web-service.js';
import { eventually } from '../support/wait.js';

jest.setTimeout(60_000);

let web: WebService;
beforeEach(async () => {
  web = await startWeb();
  web.calls.add();
});
afterEach(() => web.close());

const keep = () => ({ connection: 'keep-alive', authorization: web.authorization });
const get = () => request('GET', `${CALLS}/${CALL_ID}/`, keep());
const hold = () =>
  request(
    'PUT',
    `${CALLS}/${CALL_ID}/`,
    { ...keep(), 'content-type': 'application/json' },
    '{"action":"hold"}',
  );

/** A connection and what came over it. */
async function connected(): Promise<{ socket: Socket; read: () => string; ended: () => boolean }> {
  const socket = connect(web.port, '127.0.0.1');
  let text = '';
  let over = false;
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.on('close', () => (over = true));
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, read: () => text, ended: () => over };
}
const answered = (read: () => string, count = 1) =>
  eventually(
    () => read().split('HTTP/1.1 ').length > count || undefined,
    () => `not answered ${count} times: ${read()}`,
  );
const refusedNow = () =>
  new Promise<string | undefined>((resolve) => {
    const socket = connect(web.port, '127.0.0.1');
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.on('connect', () => resolve(undefined));
  });

test('until it ends, connections stay', async () => {
  const { socket, read } = await connected();
  socket.write(get());
  await answered(read);
  socket.write(get());
  await answered(read, 2);
  expect(read()).not.toContain('connection: close');
  socket.destroy();
});

test('a client that is asked to leave has its answer first', async () => {
  const { socket, read, ended } = await connected();
  web.lastRequests.askToLeave();
  socket.write(get());
  await answered(read);
  expect(read()).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close/i);
  await eventually(
    () => ended() || undefined,
    () => 'the connection stays open',
  );
});

test('pipelined requests are all answered, and the last answer asks to leave', async () => {
  web.lastRequests.askToLeave();
  web.calls.holdMs = 100;
  const answers = await exchange(web.port, hold() + get() + get());
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers.map(({ headers }) => headers.connection)).toEqual(['keep-alive', 'keep-alive', 'close']);
});

test('a request in flight is answered, nobody new is let in', async () => {
  web.calls.holdMs = 500;
  const { socket, read } = await connected();
  socket.write(hold());
  await delay(100);
  const closed = web.lastRequests.close({ patient: true });
  await delay(100);
  expect(await refusedNow()).toBe('ECONNREFUSED');
  await Promise.all([closed, answered(read)]);
  expect(read()).toMatch(/^HTTP\/1.1 200 /);
});

test('a connection that has been let in, or is idle, may bring one more request', async () => {
  const [fresh, idle] = [await connected(), await connected()];
  idle.socket.write(get());
  await answered(idle.read);
  const closed = web.lastRequests.close({ patient: true });
  await delay(300);
  fresh.socket.write(get());
  idle.socket.write(get());
  await Promise.all([answered(fresh.read), answered(idle.read, 2), closed]);
  expect(fresh.read()).toMatch(/^HTTP\/1.1 200 /);
});

test('whoever does not leave is not waited for much longer', async () => {
  const { ended } = await connected();
  const from = Date.now();
  await web.lastRequests.close({ patient: true });
  expect(Date.now() - from).toBeLessThan(5_000);
  await eventually(
    () => ended() || undefined,
    () => 'the connection stays open',
  );
});

test('without patience an idle connection is closed at once', async () => {
  const { socket, read, ended } = await connected();
  socket.write(get());
  await answered(read);
  const from = Date.now();
  await web.lastRequests.close({ patient: false });
  expect(Date.now() - from).toBeLessThan(1_000);
  await eventually(
    () => ended() || undefined,
    () => 'the connection stays open',
  );
});

test('a command that takes too long is answered 504, not dropped', async () => {
  web.calls.holdMs = 4_000;
  const { socket, read } = await connected();
  socket.write(hold());
  await delay(100);
  await web.lastRequests.close({ patient: true });
  await answered(read);
  expect(read()).toMatch(/^HTTP\/1.1 504 [\s\S]*\/problems\/engine-timeout/);
});
