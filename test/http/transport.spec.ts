import { connect } from 'node:net';
import { CALL_ID } from '../support/fake-calls.js';
import { exchange, request } from '../support/raw-http.js';
import { CALLS, startWeb, type WebService } from '../support/web-service.js';

let web: WebService;
beforeAll(async () => {
  web = await startWeb({ requestTimeoutMilliseconds: 1_000 });
  web.calls.add();
});
afterAll(() => web.close());

const get = (headers: Record<string, string> = {}) =>
  request('GET', `${CALLS}/${CALL_ID}`, { authorization: web.authorization, ...headers });
const dial = (headers: Record<string, string>) =>
  request('POST', CALLS, {
    authorization: web.authorization,
    'content-type': 'application/json',
    ...headers,
  });
const statuses = async (...pieces: (string | Buffer)[]) =>
  (await exchange(web.port, ...pieces)).map((answer) => answer.status);

describe('a body that is too large gets its answer', () => {
  const KEEP = { connection: 'keep-alive' };

  test('before the body is sent', async () => {
    const headers = { 'content-length': '99999999999' };
    expect(await statuses(dial(headers))).toEqual([413]);
    expect((await statuses(dial({ ...headers, ...KEEP })))[0]).toBe(413);
  });

  test('while 4 MiB are being sent, on a connection to be closed', async () => {
    const body = Buffer.alloc(4 * 1024 * 1024, 'x');
    expect(await statuses(dial({ 'content-length': String(body.length) }), body)).toEqual([413]);
  });

  test('while 4 MiB are being sent, and the next request on the connection too', async () => {
    const body = Buffer.alloc(4 * 1024 * 1024, 'x');
    expect(await statuses(dial({ ...KEEP, 'content-length': String(body.length) }), body, get())).toEqual([
      413, 200,
    ]);
  });

  test('when sent in chunks of unknown number', async () => {
    const chunk = `400\r\n${'x'.repeat(0x400)}\r\n`;
    const body = `${chunk.repeat(64)}0\r\n\r\n`;
    expect(await statuses(dial({ ...KEEP, 'transfer-encoding': 'chunked' }), body, get())).toEqual([
      413, 200,
    ]);
  });

  test('when it is of a type that is not read', async () => {
    const body = 'x'.repeat(100_000);
    const headers = { ...KEEP, 'content-type': 'text/plain', 'content-length': String(body.length) };
    expect(await statuses(dial(headers), body, get())).toEqual([415, 200]);
  });

  test('at 16 KiB to the byte it is not too large', async () => {
    const body = `{"phoneNumber":"1"${' '.repeat(16 * 1024 - 19)}}`;
    expect(await statuses(dial({ 'content-length': String(body.length) }), body)).toEqual([201]);
    expect(await statuses(dial({ 'content-length': String(body.length + 1) }), `${body} `)).toEqual([413]);
  });
});

describe('a client that is slow', () => {
  test.each([
    ['with the request line', 'GET / HT'],
    ['with the header', 'GET / HTTP/1.1\r\nHost: test\r\n'],
  ])('%s is told so and let go', async (_, text) => {
    const [answer, ...more] = await exchange(web.port, text);
    expect(more).toEqual([]);
    expect(answer).toMatchObject({ status: 408, headers: { 'content-type': 'application/problem+json' } });
  });

  test('with the body is told so and let go', async () => {
    expect(await statuses(dial({ 'content-length': '20' }), '{"phone')).toEqual([408]);
  });

  test('and gives up half-way does no harm', async () => {
    const socket = connect(web.port, '127.0.0.1');
    socket.write(dial({ 'content-length': '20' }) + '{"phone');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resetAndDestroy();
    expect(await statuses(get())).toEqual([200]);
  });
});

describe('pipelined requests', () => {
  test('are answered in their order', async () => {
    const keep = get({ connection: 'keep-alive' });
    expect(
      await statuses(keep + request('GET', '/nowhere', { connection: 'keep-alive' }) + keep + get()),
    ).toEqual([200, 404, 200, 200]);
  });

  test('behind a refused body are still answered', async () => {
    const broken = dial({ connection: 'keep-alive', 'content-length': '1' });
    expect(await statuses(`${broken}{${get()}`)).toEqual([400, 200]);
  });

  test('before something that is not HTTP are still answered', async () => {
    const keep = get({ connection: 'keep-alive' });
    expect(await statuses(`${keep}${keep}\u0016\u0003\u0001 hello\r\n\r\n`)).toEqual([200, 200, 400]);
  });
});

describe('what is no proper HTTP request gets a problem', () => {
  const large = 'x'.repeat(20_000);
  test.each([
    ['garbage', 'hello\r\n\r\n', 400],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: t\r\n\r\n', 400],
    ['no Host header', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    ['a length that is no number', 'GET / HTTP/1.1\r\nHost: t\r\nContent-Length: x\r\n\r\n', 400],
    [
      'a length beside chunks',
      'POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a header that is too large', `GET / HTTP/1.1\r\nHost: t\r\nX: ${large}\r\n\r\n`, 431],
    ['a path that is too long', `GET /${large} HTTP/1.1\r\nHost: t\r\n\r\n`, 431],
    ['a percent-encoding that is none', request('GET', `${CALLS}/%zz/`, {}), 400],
    ['a percent-encoding that is no UTF-8', request('GET', `${CALLS}/%ff/`, {}), 400],
    ['CONNECT', 'CONNECT example.test:80 HTTP/1.1\r\nHost: t\r\n\r\n', 404],
    ['an unknown path', request('GET', '/nowhere', {}), 404],
    ['the root', request('GET', '/', {}), 404],
    [
      'an unknown path with a body',
      request('POST', '/nowhere', { 'content-type': 'application/json' }, '{}'),
      404,
    ],
    ['an unmet expectation', request('GET', '/', { expect: 'the-impossible' }), 417],
  ])('%s', async (_, text, status) => {
    const [answer, ...more] = await exchange(web.port, text);
    expect(more).toEqual([]);
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status });
  });
});

describe('a path that does not take the method answers 405 and names those it takes', () => {
  test.each([
    [CALLS, 'PUT', 'GET, HEAD, POST'],
    [`${CALLS}/`, 'DELETE', 'GET, HEAD, POST'],
    [`${CALLS}/${CALL_ID}/`, 'PATCH', 'DELETE, GET, HEAD, PUT'],
    [`${CALLS}/${CALL_ID}/`, 'POST', 'DELETE, GET, HEAD, PUT'],
    [`${CALLS}/${CALL_ID}/?x=1`, 'OPTIONS', 'DELETE, GET, HEAD, PUT'],
    [`${CALLS}/${CALL_ID}/`, 'PROPFIND', 'DELETE, GET, HEAD, PUT'],
  ])('%s: %s', async (path, method, allow) => {
    const [answer] = await exchange(web.port, request(method, path, { authorization: web.authorization }));
    expect(answer).toMatchObject({ status: 405, headers: { allow } });
  });
});

test('a client that waits for "100 Continue" gets it', async () => {
  const body = '{"phoneNumber":"1"}';
  const headers = { expect: '100-continue', 'content-length': String(body.length) };
  expect(await statuses(dial(headers), body)).toEqual([100, 201]);
});
