import { exchange, request } from '../support/raw-http.js';
import { CALLS, startWeb, type WebService } from '../support/web-service.js';

const GOOD = { phoneNumber: '+3225126778', callingPhoneNumber: '+32470123456' };
let web: WebService;
beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.close());
afterEach(() => expect(web.calls.asked).toEqual([]));

/** Through a bare socket, so that nothing between mends what is bad. */
async function refusal(body: string, headers: Record<string, string> = {}, path = `${CALLS}/imrn/`) {
  const all = { authorization: web.authorization, 'content-type': 'application/json', ...headers };
  const [answer] = await exchange(web.port, request('POST', path, all, body));
  expect(answer?.headers['content-type']).toBe('application/problem+json');
  return JSON.parse(answer?.body ?? '') as { status: number; type: string; errors?: { field: string }[] };
}

describe.each(Object.keys(GOOD))('%s', (field) => {
  const LONG = 'x'.repeat(65);
  const DEEP = `${'['.repeat(8_000)}${']'.repeat(8_000)}`;
  test.each(['null', '""', '17', 'true', '[]', '["1"]', '{}', `"${LONG}"`, DEEP])(
    'is named where it is %s',
    async (value) => {
      const body = JSON.stringify({ ...GOOD, [field]: 0 }).replace(':0', `:${value}`);
      const { status, type, errors } = await refusal(body);
      expect({ status, type }).toEqual({ status: 400, type: '/problems/invalid-request' });
      expect(errors?.map((error) => error.field)).toEqual([field]);
    },
  );

  test('is named where it is missing', async () => {
    const { status, errors } = await refusal(JSON.stringify({ ...GOOD, [field]: undefined }));
    expect(status).toBe(400);
    expect(errors?.map((error) => error.field)).toEqual([field]);
  });
});

test.each(['', '{}'])('both fields are named where the body is %j', async (body) => {
  const { status, errors } = await refusal(body);
  expect(status).toBe(400);
  expect(errors?.map((error) => error.field)).toEqual(['phoneNumber', 'callingPhoneNumber']);
});

test.each(['imrn', 'user', '__proto__', 'toString', ''])('the unknown field %j is named', async (key) => {
  const body = JSON.stringify({ ...GOOD, x: 1 }).replace('"x"', JSON.stringify(key));
  const { status, errors } = await refusal(body);
  expect({ status, fields: errors?.map(({ field }) => field) }).toEqual({ status: 400, fields: [key] });
});

test.each(['null', '[]', '"text"', '17'])('the body %s, which is no object: 400', async (body) => {
  expect(await refusal(body)).toMatchObject({ status: 400, errors: [{ field: 'body' }] });
});

test.each(['{', "{'phoneNumber':'1'}", '{"a":1}x'])('the body %s, which is no JSON: 400', async (body) => {
  expect(await refusal(body)).toMatchObject({ status: 400, type: '/problems/invalid-json' });
});

test('a body over 16 KiB: 413', async () => {
  const body = JSON.stringify({ ...GOOD, phoneNumber: 'x'.repeat(16 * 1024) });
  expect(await refusal(body)).toMatchObject({ status: 413 });
});

test.each(['text/plain', 'application/xml', ''])('the content type %j: 415', async (type) => {
  expect(await refusal(JSON.stringify(GOOD), { 'content-type': type })).toMatchObject({ status: 415 });
});

test.each(['', 'Bearer', 'Bearer x', 'Basic Zm9vOmJhcg=='])(
  'the authorization %j: 401',
  async (authorization) => {
    expect(await refusal(JSON.stringify(GOOD), { authorization })).toMatchObject({ status: 401 });
  },
);

test.each(['baruser', 'nobody', '%00'])('the user %s, for whom the token may not act: 403', async (user) => {
  const path = `${CALLS}/imrn/`.replace('foouser', user);
  expect(await refusal(JSON.stringify(GOOD), {}, path)).toMatchObject({
    status: 403,
    type: '/problems/invalid-calling-user',
  });
});

test('the path is no call', async () => {
  const answer = await web.ask('GET', `${CALLS}/imrn/`);
  expect(await answer.json()).toMatchObject({ status: 404, type: '/problems/call-not-found' });
});
