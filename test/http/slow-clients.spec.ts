import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { CALL_ID } from '../support/fake-calls.js';
import { request } from '../support/raw-http.js';
import { CALLS, startWeb, type WebService } from '../support/web-service.js';
import { eventually } from '../support/wait.js';

jest.setTimeout(60_000);

let web: WebService;
beforeEach(async () => {
  web = await startWeb({ requestTimeoutMilliseconds: 1_000, sendTimeoutMilliseconds: 700 });
  web.calls.add();
});
afterEach(() => web.close());

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
function bytesInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const KEEP = { connection: 'keep-alive' };
const open = (count: number): Socket[] =>
  Array.from({ length: count }, () => connect(web.port, '127.0.0.1').on('error', () => undefined));
const none = () =>
  eventually(
    async () => (await web.connections()) === 0 || undefined,
    () => 'connections are still open',
  );

test('a client that sends a header byte by byte is let go, however long it goes on', async () => {
  const slow = open(20);
  const dripping = setInterval(() => {
    for (const socket of slow) if (socket.writable) socket.write('x');
  }, 100);
  for (const socket of slow) socket.write('GET / HTTP/1.1\r\nHost: t\r\nX-Slow: ');
  await delay(300);
  expect(await web.connections()).toBe(20);
  // Others are served meanwhile.
  expect((await web.ask('GET', `${CALLS}/`, undefined, { connection: 'close' })).status).toBe(200);
  await none();
  clearInterval(dripping);
});

test('a client that sends a body byte by byte is let go', async () => {
  const headers = { ...KEEP, authorization: web.authorization, 'content-type': 'application/json' };
  const [socket] = open(1);
  socket!.write(request('POST', CALLS, { ...headers, 'content-length': '1000' }));
  const dripping = setInterval(() => socket!.writable && socket!.write('x'), 100);
  await delay(300);
  expect(await web.connections()).toBe(1);
  await none();
  clearInterval(dripping);
});

test('a client that asks for ever and never reads is stopped, and let go', async () => {
  const before = bytesInUse();
  const [socket] = open(1);
  socket!.pause();
  const page = request('GET', '/docs/openapi.json', KEEP).repeat(200);
  let stuck = false;
  for (let count = 0; count < 10_000 && !stuck; count++) {
    const drained = socket!.write(page) || once(socket!, 'drain').then(() => true);
    stuck = !(await Promise.race([drained, delay(300, false)]));
  }
  // The service takes no more of its requests while answers are not read.
  expect(stuck).toBe(true);
  expect(bytesInUse() - before).toBeLessThan(20 * 1024 * 1024);
  await none();
});

test('a client whose command takes longer than that is not let go', async () => {
  web.calls.holdMs = 1_500;
  const [socket] = open(1);
  socket!.write(
    request(
      'PUT',
      `${CALLS}/${CALL_ID}/`,
      { ...KEEP, authorization: web.authorization, 'content-type': 'application/json' },
      '{"action":"hold"}',
    ),
  );
  const first = await new Promise<Buffer>((resolve) => socket!.once('data', resolve));
  expect(first.toString()).toMatch(/^HTTP\/1.1 200 /);
  socket!.destroy();
});

test('a path of up to 8 KiB is looked at, a longer one refused', async () => {
  const statuses: number[] = [];
  for (const length of [8 * 1024, 8 * 1024 + 1])
    statuses.push((await fetch(`${web.url}/${'x'.repeat(length - 1)}`)).status);
  expect(statuses).toEqual([404, 414]);
});
