import { setTimeout as delay } from 'node:timers/promises';
import { CALL_ID } from '../support/fake-calls.js';
import { exchange, request } from '../support/raw-http.js';
import { CALLS, startWeb, type WebService } from '../support/web-service.js';
import { eventually } from '../support/wait.js';

const LIMIT = 5;
const PATH = `${CALLS}/${CALL_ID}/`;

let web: WebService;
async function serve(perMilliseconds: number): Promise<void> {
  const rateLimit = { requests: LIMIT, perMilliseconds };
  web = await startWeb({ rateLimit, trustedProxies: ['127.0.0.1'] });
  web.calls.add();
}
beforeEach(() => serve(60_000));
afterEach(() => web.close());

const guess = (headers: Record<string, string> = {}) =>
  fetch(web.url + PATH, { headers: { authorization: 'Bearer a.guessed.token', ...headers } });
const from = (address: string) => () => guess({ 'x-forwarded-for': address });
const ask = async () => (await web.ask('GET', PATH)).status;
const times = async <T>(count: number, what: () => Promise<T>): Promise<T[]> => {
  const all: T[] = [];
  for (let index = 0; index < count; index++) all.push(await what());
  return all;
};

test('a token that is used too often is refused, and told when to go on', async () => {
  // The first request with it makes it known.
  await ask();
  const told = await web.ask('GET', PATH);
  expect(told.headers.get('ratelimit-limit')).toBe(String(LIMIT));
  expect(told.headers.get('ratelimit-remaining')).toBe(String(LIMIT - 1));
  expect(Number(told.headers.get('ratelimit-reset'))).toBeGreaterThan(30);
  expect(await times(LIMIT - 1, ask)).toEqual(Array(LIMIT - 1).fill(200));
  const refused = await web.ask('GET', PATH);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe(refused.headers.get('ratelimit-reset'));
  expect(refused.headers.get('ratelimit-remaining')).toBe('0');
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  expect(await refused.json()).toMatchObject({
    type: '/problems/too-many-requests',
    status: 429,
    instance: PATH,
  });
});

test('after the time that it was told, it may go on', async () => {
  await web.close();
  await serve(1_000);
  await eventually(
    async () => (await ask()) === 429 || undefined,
    () => 'never refused',
    0,
  );
  await delay(1_100);
  expect(await ask()).toBe(200);
});

test('who guesses tokens is refused by address, and takes nothing from those who have one', async () => {
  await ask();
  const statuses = (await times(LIMIT + 2, () => guess())).map(({ status }) => status);
  expect(statuses).toEqual(expect.arrayContaining([401, 429]));
  expect(statuses.filter((status) => status === 401).length).toBeLessThan(LIMIT + 1);
  expect(await ask()).toBe(200);
});

test('behind a trusted proxy each client has its own address', async () => {
  const last = (await times(LIMIT + 1, from('192.0.2.7'))).at(-1);
  expect(last?.status).toBe(429);
  expect((await from('192.0.2.8')()).status).toBe(401);
});

test('an address of IPv6 is counted with its network, in which a client can choose', async () => {
  const addresses = Array.from({ length: LIMIT + 1 }, (_, index) => `2001:db8:1:2::${index + 1}`);
  const statuses: number[] = [];
  for (const address of addresses) statuses.push((await guess({ 'x-forwarded-for': address })).status);
  expect(statuses.at(-1)).toBe(429);
  expect((await guess({ 'x-forwarded-for': '2001:db8:1:3::1' })).status).toBe(401);
});

test('a refusal for the rate leaves the connection as it was, also with a body that nobody reads', async () => {
  await ask();
  const headers = { authorization: web.authorization, connection: 'keep-alive' };
  const body = JSON.stringify({ phoneNumber: '1', padding: 'x'.repeat(10_000) });
  const post = request('POST', CALLS, { ...headers, 'content-type': 'application/json' }, body);
  const last = request('GET', PATH, { ...headers, connection: 'close' });
  const answers = await exchange(web.port, post.repeat(2 * LIMIT + 2), last);
  expect(answers.length).toBe(2 * LIMIT + 3);
  expect(answers.at(-1)?.status).toBe(429);
});

test.each(['/health/live', '/health/ready', '/health/ready/', '/metrics', '/metrics?name=x'])(
  '%s is not counted',
  async (path) => {
    const statuses = (await times(2 * LIMIT, () => fetch(web.url + path))).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
  },
);

test.each(['/healthy', '/health/nothing'])('%s, which does not exist, is counted', async (path) => {
  const statuses = (await times(LIMIT + 1, () => fetch(web.url + path))).map(({ status }) => status);
  expect(statuses).toEqual([...Array(LIMIT).fill(404), 429]);
});
