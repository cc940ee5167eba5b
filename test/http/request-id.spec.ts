import { CALL_ID } from '../support/fake-calls.js';
import { exchange, request } from '../support/raw-http.js';
import { CALLS, startWeb, type WebService } from '../support/web-service.js';

const PATH = `${CALLS}/${CALL_ID}/`;
const FRESH = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

let web: WebService;
beforeAll(async () => {
  web = await startWeb();
  web.calls.add();
});
afterAll(() => web.close());

const idOf = async (text: string) => (await exchange(web.port, text))[0]?.headers['x-request-id'];
const asked = (id?: string) =>
  request('GET', PATH, { authorization: web.authorization, ...(id !== undefined && { 'x-request-id': id }) });

test.each(['a', 'req_1.2:3-4', '550e8400-e29b-41d4-a716-446655440000', 'x'.repeat(128)])(
  'the request id %s is returned',
  async (id) => {
    expect(await idOf(asked(id))).toBe(id);
  },
);

test.each([
  ['none', undefined],
  ['an empty one', ''],
  ['one that is too long', 'x'.repeat(129)],
  ['one with a space', 'a b'],
  ['one with what a log would take for more', '{"level":"error"}'],
  ['one that is not ASCII', 'caf\u00e9'],
  ['two', 'a\r\nX-Request-Id: b'],
])('for %s there is a fresh one', async (_, id) => {
  expect(await idOf(asked(id))).toMatch(FRESH);
});

test('each fresh one is another', async () => {
  expect(await idOf(asked())).not.toBe(await idOf(asked()));
});

test.each([
  ['without a token', request('GET', PATH, { 'x-request-id': 'mine' })],
  ['to an unknown path', request('GET', '/nowhere', { 'x-request-id': 'mine' })],
  ['with a bad percent-encoding', request('GET', `${CALLS}/%zz/`, { 'x-request-id': 'mine' })],
  ['without a Host', 'GET / HTTP/1.1\r\nConnection: close\r\nX-Request-Id: mine\r\n\r\n'],
  ['with an unmet expectation', request('GET', '/', { expect: 'x', 'x-request-id': 'mine' })],
  [
    'with a body that is too large',
    request('POST', CALLS, { 'x-request-id': 'mine', 'content-length': '99999' }),
  ],
  ['to the documentation', request('GET', '/docs', { 'x-request-id': 'mine' })],
])('the answer to a request %s has its id', async (_, text) => {
  expect(await idOf(text)).toBe('mine');
});

test('what cannot be read as a request has a fresh one', async () => {
  expect(await idOf('hello\r\n\r\n')).toMatch(FRESH);
});
