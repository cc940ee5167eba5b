import { CALL_ID } from '../../support/fake-calls.js';
import { exchange, request } from '../../support/raw-http.js';
import { CALLS, startWeb, type WebService } from '../../support/web-service.js';

let web: WebService;
beforeAll(async () => {
  web = await startWeb();
  web.calls.add();
});
afterAll(() => web.close());
beforeEach(() => {
  web.calls.asked.length = 0;
});

interface Problem {
  type: string;
  status: number;
  errors?: { field: string; message: string; allowed?: string[] }[];
}

/** Through a bare socket, so that nothing between mends what is bad. */
async function refusal(method: string, path: string, body: string, headers: Record<string, string> = {}) {
  const [answer, ...more] = await exchange(
    web.port,
    request(
      method,
      path,
      { authorization: web.authorization, 'content-type': 'application/json', ...headers },
      body,
    ),
  );
  expect(more).toEqual([]);
  expect(answer?.headers['content-type']).toBe('application/problem+json');
  const problem = JSON.parse(answer?.body ?? '') as Problem;
  expect(problem.status).toBe(answer?.status);
  return problem;
}

const CALL = `${CALLS}/${CALL_ID}/`;
const LONG = 'x'.repeat(65);
const DEEP = `${'['.repeat(8_000)}${']'.repeat(8_000)}`;

/** Bodies that no operation takes. */
const NOT_AN_OBJECT = ['null', '[]', '[{"phoneNumber":"1"}]', '"hold"', '17', 'true', DEEP];
const NOT_JSON = [
  '{',
  '{"phoneNumber":}',
  "{'phoneNumber':'1'}",
  '{"a":1}x',
  '\u0000',
  '{"phoneNumber":"\n"}',
];
/** Values that are no string of 1 to 64 characters. */
const NOT_A_NUMBER = [
  'null',
  '""',
  '17',
  'true',
  '[]',
  '["1"]',
  '{}',
  '{"constructor":1}',
  `"${LONG}"`,
  DEEP,
];
const STRANGE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  ' phoneNumber',
];

type Row = [operation: string, method: string, path: string, body: string, field: string];
const dial = (body: string, field: string): Row => ['dial', 'POST', CALLS, body, field];
const list = (body: string, field: string): Row => ['list', 'GET', CALLS, body, field];
const modify = (body: string, field: string): Row => ['modify', 'PUT', CALL, body, field];
const retrieve = (body: string, field: string): Row => [
  'retrieve',
  'POST',
  `${CALLS}/retrieve/`,
  body,
  field,
];

const NOT_AN_ACTION = [
  'null',
  '""',
  '17',
  '"Hold"',
  '"hold "',
  '"release"',
  '[]',
  '["hold"]',
  '{}',
  `"${LONG}"`,
];
const NOT_A_CALL_ID = [
  'null',
  '""',
  '17',
  '[]',
  '{}',
  '"callhalf-1"',
  '"callhalf-1:0 "',
  '"callhalf-\\u0000:0"',
  `"${LONG}"`,
];
const NO_FIELDS_OF_THEIR_OWN = [
  'hold',
  'reconnect',
  'startRecording',
  'pauseRecording',
  'resumeRecording',
  'stopRecording',
];
const A_CALL_ID = '"transferCallId":"callhalf-1:0"';

const FIELDS: Row[] = [
  ...NOT_A_NUMBER.map((value) => dial(`{"phoneNumber":${value}}`, 'phoneNumber')),
  dial('', 'phoneNumber'),
  dial('{}', 'phoneNumber'),
  dial('{"PhoneNumber":"1","phoneNumber":"1"}', 'PhoneNumber'),
  ...STRANGE_KEYS.flatMap((key) => [
    dial(`{"phoneNumber":"1","${key}":{}}`, key),
    modify(`{"action":"hold","${key}":1}`, key),
    list(`{"${key}":1}`, key),
    retrieve(`{"${key}":1}`, key),
  ]),
  ...NOT_AN_ACTION.map((value) => modify(`{"action":${value}}`, 'action')),
  modify('', 'action'),
  modify('{}', 'action'),
  modify('{"action":"blindTransfer"}', 'phoneNumber'),
  ...NOT_A_NUMBER.map((value) => modify(`{"action":"blindTransfer","phoneNumber":${value}}`, 'phoneNumber')),
  modify(`{"action":"blindTransfer","phoneNumber":"1",${A_CALL_ID}}`, 'transferCallId'),
  modify('{"action":"consultativeTransfer"}', 'transferCallId'),
  ...NOT_A_CALL_ID.map((value) =>
    modify(`{"action":"consultativeTransfer","transferCallId":${value}}`, 'transferCallId'),
  ),
  modify(`{"action":"consultativeTransfer",${A_CALL_ID},"phoneNumber":"1"}`, 'phoneNumber'),
  ...NO_FIELDS_OF_THEIR_OWN.flatMap((action) => [
    modify(`{"action":"${action}","phoneNumber":"1"}`, 'phoneNumber'),
    modify(`{"action":"${action}",${A_CALL_ID}}`, 'transferCallId'),
  ]),
  modify('{"action":"startRecording","phoneNumber":null}', 'phoneNumber'),
  retrieve('{"callId":"callhalf-1:0"}', 'callId'),
  ...['null', '"true"', '1', '[]', '{}'].map((value) =>
    list(`{"includeDetails":${value}}`, 'includeDetails'),
  ),
  ...['1', '', 'TRUE', 'yes', 'true&includeDetails=true', '%00'].map((value): Row => [
    'list',
    'GET',
    `${CALLS}/?includeDetails=${value}`,
    '',
    'includeDetails',
  ]),
];

test.each(FIELDS)('%s: %s %s %s is refused with 400 and names %s', async (_, method, path, body, field) => {
  const problem = await refusal(method, path, body);
  expect(problem).toMatchObject({ status: 400, type: '/problems/invalid-request' });
  expect(problem.errors?.map((error) => error.field)).toContain(field);
  expect(web.calls.asked).toEqual([]);
});

describe('any operation', () => {
  const operations: [string, string][] = [
    ['POST', CALLS],
    ['GET', CALLS],
    ['GET', CALL],
    ['PUT', CALL],
    ['DELETE', CALL],
    ['POST', `${CALLS}/retrieve/`],
  ];

  test.each(operations)('%s %s refuses a body that is no object', async (method, path) => {
    for (const body of NOT_AN_OBJECT) {
      const problem = await refusal(method, path, body);
      expect(problem).toMatchObject({ status: 400, errors: [{ field: 'body' }] });
    }
    expect(web.calls.asked).toEqual([]);
  });

  test.each(operations)('%s %s refuses a body that is no JSON', async (method, path) => {
    for (const body of NOT_JSON)
      expect(await refusal(method, path, body)).toMatchObject({
        status: 400,
        type: '/problems/invalid-json',
      });
    expect(web.calls.asked).toEqual([]);
  });

  test.each(operations)('%s %s refuses a body that is not said to be JSON', async (method, path) => {
    for (const type of [
      'text/plain',
      'application/xml',
      'application/x-www-form-urlencoded',
      'json',
      '"',
      '/',
      '',
    ])
      expect(await refusal(method, path, '{"phoneNumber":"1"}', { 'content-type': type })).toMatchObject({
        status: 415,
      });
    expect(web.calls.asked).toEqual([]);
  });

  test.each(operations)('%s %s refuses a body over 16 KiB', async (method, path) => {
    const body = JSON.stringify({ phoneNumber: 'x'.repeat(16 * 1024) });
    expect(await refusal(method, path, body)).toMatchObject({ status: 413 });
    expect(web.calls.asked).toEqual([]);
  });

  test.each(operations)('%s %s asks for a token', async (method, path) => {
    for (const authorization of [
      '',
      'Bearer',
      'Bearer x',
      'Basic Zm9vOmJhcg==',
      web.authorization.slice(0, -2),
    ])
      expect(await refusal(method, path, '{}', { authorization })).toMatchObject({ status: 401 });
    expect(web.calls.asked).toEqual([]);
  });
});

describe('a user in the path that the token may not act for', () => {
  const odd = [
    'baruser',
    'nobody',
    'FOOUSER',
    '%20',
    '%00',
    '%2e%2e',
    'foouser%2F',
    '__proto__',
    'x'.repeat(5_000),
  ];
  test.each(['tenants/foo', 'groups/foogroup', 'users/foouser'])('in place of %s: 403', async (segment) => {
    for (const value of odd) {
      const path = CALLS.replace(segment, `${segment.split('/')[0]}/${value}`);
      const problem = await refusal('GET', path, '');
      expect(problem).toMatchObject({ status: 403, type: '/problems/invalid-calling-user' });
    }
    expect(web.calls.asked).toEqual([]);
  });
});

describe('a call id that cannot be one', () => {
  const odd = [
    'retrieve',
    'imrn',
    'callhalf-',
    'callhalf-1',
    'callhalf-1:1',
    'callhalf--1:0',
    'callhalf-1:0%00',
    'callhalf-1:0%0A',
    'callhalf-1:0%2F',
    "callhalf-1:0'",
    'callhalf-%D9%A1:0',
    `callhalf-${'1'.repeat(33)}:0`,
    `callhalf-${'1'.repeat(7_000)}:0`,
    '%2e%2e',
    '__proto__',
  ];
  test.each(['GET', 'PUT', 'DELETE'])('%s: 404, and nothing is asked', async (method) => {
    for (const id of odd) {
      const problem = await refusal(method, `${CALLS}/${id}/`, method === 'PUT' ? '{"action":"hold"}' : '');
      expect([id, problem.type]).toEqual([id, '/problems/call-not-found']);
    }
    expect(web.calls.asked).toEqual([]);
  });
});

test('an unknown key is told which keys there are', async () => {
  const { errors } = await refusal('PUT', CALL, '{"action":"hold","x":1}');
  expect(errors).toEqual([
    {
      field: 'x',
      message: 'is not a field of this request',
      allowed: ['action', 'phoneNumber', 'transferCallId'],
    },
  ]);
});

test('a thousand unknown keys are answered with the first twenty', async () => {
  const body = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`key${n}`, 1]));
  expect((await refusal('POST', CALLS, JSON.stringify(body))).errors).toHaveLength(20);
});
