import { ServiceUnavailableException } from '@nestjs/common';
import { StoreUnavailable, VersionConflict } from '../../src/calls/application/call-repository.js';
import {
  CallRefused,
  type INVALID_OPERATION_TEXTS,
  type RefusalReason,
} from '../../src/calls/domain/call-refused.js';
import { CALL_ID } from '../support/fake-calls.js';
import { CALLS, startWeb, type WebService } from '../support/web-service.js';

let web: WebService;
const logged: unknown[][] = [];
const log = (...line: unknown[]) => void logged.push(line);
beforeAll(async () => {
  web = await startWeb({}, { log, error: log, warn: log });
  web.calls.add();
});
afterAll(() => web.close());

const PATH = `${CALLS}/${CALL_ID}/`;

async function answerTo(failure: Error, path = PATH) {
  web.calls.failure = failure;
  const answer = await web.ask('PUT', path, { action: 'hold' });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as object };
}

/** Copied from the reference page. */
const TEXTS: Record<keyof typeof INVALID_OPERATION_TEXTS, string> = {
  endpointState: 'The endpoint state of the call is not valid.',
  callState: 'The state of the call is not valid.',
  callDetached: 'The call is in the detached state.',
  transferFailed: 'Transfer has failed.',
  consultationInProgress: 'Consultative transfer already in progress.',
  noChargeAddress:
    'User has no charge address. The User must have at least the phone number or the extension.',
  recordingDisabled: 'Recording is disabled for this call.',
  recordingFailed: 'Recording has failed for this call.',
  recordingStopUnsupported: 'User recording mode does not support stop.',
  recordingInactive: 'Recording is not active.',
  imrnAllocationFailed: 'IMRN allocation failed.',
};

describe('each text of code 59', () => {
  const reasons = Object.entries(TEXTS) as [keyof typeof TEXTS, string][];

  test.each(reasons)('%s is answered with 400 and "%s", whatever else was said', async (reason, text) => {
    const { status, body } = await answerTo(new CallRefused(reason, { message: 'inside' }));
    expect(status).toBe(400);
    expect(body).toEqual({
      type: expect.stringMatching(/^\/problems\/[a-z-]+$/),
      title: 'INVALID_CALL_OPERATION',
      status: 400,
      code: 59,
      detail: text,
      instance: PATH,
    });
  });

  test('has a type of its own', async () => {
    const types = new Set<unknown>();
    for (const [reason] of reasons)
      types.add(Reflect.get((await answerTo(new CallRefused(reason))).body, 'type'));
    expect(types.size).toBe(11);
  });
});

test('a refusal tells the state and the actions by their names on the wire', async () => {
  const { body } = await answerTo(
    new CallRefused('callState', { callState: 'Both Held', allowedActions: ['reconnect', 'release'] }),
  );
  expect(body).toEqual({
    type: '/problems/invalid-call-operation',
    title: 'INVALID_CALL_OPERATION',
    status: 400,
    code: 59,
    detail: 'The state of the call is not valid.',
    instance: PATH,
    callState: 'Held',
    allowedActions: ['reconnect'],
  });
});

test.each<[RefusalReason, number, string]>([
  ['callNotFound', 404, '/problems/call-not-found'],
  ['noCallToRetrieve', 404, '/problems/no-call-to-retrieve'],
  ['invalidCallState', 400, '/problems/invalid-call-state'],
  ['sameCall', 400, '/problems/same-call'],
  ['callBusy', 409, '/problems/call-busy'],
  ['engineUnavailable', 503, '/problems/engine-unavailable'],
  ['engineBadAnswer', 502, '/problems/engine-bad-answer'],
  ['engineTimeout', 504, '/problems/engine-timeout'],
])('%s is answered with %i', async (reason, status, type) => {
  expect(await answerTo(new CallRefused(reason))).toMatchObject({ status, body: { type, status } });
});

test.each<[RefusalReason, string]>([
  ['noCallToRetrieve', 'no call to retrieve'],
  ['invalidCallState', 'invalid call state'],
])('%s is told in the words of the reference', async (reason, detail) => {
  expect((await answerTo(new CallRefused(reason))).body).toMatchObject({ detail });
});

test('a transfer of a call to itself names the field', async () => {
  expect((await answerTo(new CallRefused('sameCall'))).body).toMatchObject({
    errors: [{ field: 'transferCallId', message: expect.any(String) }],
  });
});

test('an invalid phone number is told with what was wrong with it', async () => {
  const { body } = await answerTo(new CallRefused('invalidPhoneNumber', { message: 'too short' }));
  expect(body).toMatchObject({
    status: 400,
    detail: 'invalid phone number: too short',
    errors: [{ field: 'phoneNumber', message: 'too short' }],
  });
});

test('an invalid phone number is told by the name of its field', async () => {
  const refused = new CallRefused('invalidPhoneNumber', {
    message: 'too short',
    field: 'callingPhoneNumber',
  });
  expect((await answerTo(refused)).body).toMatchObject({
    errors: [{ field: 'callingPhoneNumber', message: 'too short' }],
  });
});

test.each<RefusalReason>(['engineUnavailable', 'engineBadAnswer', 'engineTimeout'])(
  '%s is told in the words of the engine, where it has some',
  async (reason) => {
    const message = 'The switch of cluster east did not answer in time.';
    expect((await answerTo(new CallRefused(reason, { message }))).body).toMatchObject({ detail: message });
  },
);

test('a store that is away: 503, and when to come again', async () => {
  const { status, headers, body } = await answerTo(new StoreUnavailable('10.0.0.7:5432 refused'));
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('1');
  expect(JSON.stringify(body)).not.toContain('5432');
});

test('keys of the issuer that are away: 503, not as the store', async () => {
  expect(await answerTo(new ServiceUnavailableException('keys'))).toMatchObject({
    status: 503,
    body: { type: '/problems/service-unavailable' },
  });
});

test('a lost race: 409', async () => {
  expect(await answerTo(new VersionConflict(CALL_ID))).toMatchObject({ status: 409 });
});

test.each([
  ['any', new Error('secret')],
  ['of the language', new TypeError('secret')],
  ['with a status', Object.assign(new Error('secret'), { statusCode: 500 })],
])('an unknown error, %s, tells the client nothing of itself and is logged once', async (_, error) => {
  logged.length = 0;
  const { status, body } = await answerTo(error);
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('secret');
  expect(logged).toEqual([[`PUT ${PATH}`, expect.stringContaining('secret'), 'Http']]);
});

test('a refusal is not logged', async () => {
  logged.length = 0;
  await answerTo(new CallRefused('callBusy'));
  expect(logged).toEqual([]);
});

test('the instance leaves the query out', async () => {
  const { body } = await answerTo(new CallRefused('callBusy'), `${PATH}?access_token=secret`);
  expect(body).toMatchObject({ instance: PATH });
});

const challenge = async (authorization?: string) => {
  const answer = await fetch(web.url + PATH, { headers: authorization ? { authorization } : {} });
  expect(answer.status).toBe(401);
  return answer.headers.get('www-authenticate');
};

describe('a refusal for want of a token', () => {
  test('challenges to bearer authentication', async () => {
    expect(await challenge()).toBe('Bearer realm="call-service"');
  });

  test('says so where the token is bad', async () => {
    expect(await challenge('Bearer x.y.z')).toBe('Bearer realm="call-service", error="invalid_token"');
  });
});
