import { callsPath } from '../../support/rest-client.js';
import { ContractService } from '../../support/contract-service.js';
import type { WireAnswer } from '../../support/wire-client.js';
import { type EndpointName, ENDPOINTS, REFUSED_HOLD, type Text, TEXTS } from './contract.js';

const contract = new ContractService();
beforeAll(() => contract.start(), 30_000);
afterEach(() => contract.clear());
afterAll(() => contract.close());

const JSON_TYPE = 'application/json; charset=utf-8';
const NOBODYS_CALL = 'callhalf-1595867:0';
const STARTED = {
  callId: expect.stringMatching(/^callhalf-\d+:0$/),
  externalTrackingId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
};

function expectSuccess(answer: WireAnswer, status: number, body: unknown): void {
  expect(answer).toEqual({ status, type: JSON_TYPE, body });
}

function expectRefusal(answer: WireAnswer, status: number, detail: unknown, more: object = {}): void {
  const problem = { type: expect.stringMatching(/^\/problems\//), title: expect.any(String), status, detail };
  expect(answer).toEqual({
    status,
    type: 'application/problem+json',
    body: { ...problem, instance: expect.stringMatching(/^\/api\/v1\//), ...more },
  });
}

function expectText(answer: WireAnswer, text: Text, more: object = {}): void {
  expect(TEXTS).toContain(text);
  expectRefusal(answer, 400, text, { code: 59, title: 'INVALID_CALL_OPERATION', ...more });
}

/** Asked for a user that the token may not act for, and for one that does not exist: the answers are the same. */
async function expectForbidden(method: string, path: string, body: unknown = {}): Promise<void> {
  const ask = (user: string) =>
    contract.foo.sendTo(callsPath({ ...contract.foo.name, user }) + path, method, JSON.stringify(body));
  const [forbidden, unknown] = await Promise.all([ask('baruser'), ask('nobody')]);
  expectRefusal(forbidden, 403, expect.stringMatching(/^invalid calling user\b/));
  expect({ ...unknown.body, instance: '' }).toEqual({ ...forbidden.body, instance: '' });
}

/** Asked of a call that never was, of another user's and of one that has ended. */
async function expectNotFound(method: string, body: unknown = {}): Promise<void> {
  const ended = await contract.foo.dial('5601');
  await contract.foo.send('DELETE', `${ended}/`);
  const ofAnother = await contract.baz.dial('+3212345681');
  for (const callId of [NOBODYS_CALL, ended, ofAnother]) {
    expectRefusal(await contract.foo.send(method, `${callId}/`, body), 404, 'call not found');
  }
}

const invalid = (field: string) => ({ errors: [expect.objectContaining({ field })] });
const HOLD = { action: 'hold' };
const LEASE = { phoneNumber: '5601', callingPhoneNumber: '+32470123456' };

type Checks = Record<
  EndpointName,
  { success: () => Promise<void>; refusals: Record<string, () => Promise<void>> }
>;

/** A check of each cell of the table. */
const CHECKS: Checks = {
  'POST /': {
    success: async () =>
      expectSuccess(await contract.foo.send('POST', '', { phoneNumber: '+3212345678' }), 201, STARTED),
    refusals: {
      '400 invalid phone number': async () =>
        expectRefusal(
          await contract.foo.send('POST', '', { phoneNumber: '5699' }),
          400,
          expect.stringMatching(/^invalid phone number\b/),
          invalid('phoneNumber'),
        ),
      '403 invalid calling user': () => expectForbidden('POST', '', { phoneNumber: '5601' }),
      'error 59 "User has no charge address. …"': async () =>
        expectText(
          await (await contract.client('quxuser')).send('POST', '', { phoneNumber: '5601' }),
          'User has no charge address. The User must have at least the phone number or the extension.',
        ),
    },
  },
  'GET /': {
    success: async () => {
      expectSuccess(await contract.foo.send('GET', '', {}), 200, { calls: [] });
      const callId = await contract.active(contract.foo);
      expectSuccess(await contract.foo.send('GET', '', {}), 200, {
        calls: [{ callId, inConference: false }],
      });
    },
    refusals: { '403': () => expectForbidden('GET', '') },
  },
  'GET /{callId}/': {
    success: async () => {
      const callId = await contract.active(contract.foo);
      const answer = await contract.foo.send('GET', `${callId}/`, {});
      expectSuccess(answer, 200, expect.objectContaining({ callId, state: 'Active' }));
    },
    refusals: {
      '403': () => expectForbidden('GET', `${NOBODYS_CALL}/`),
      '404 call not found': () => expectNotFound('GET'),
    },
  },
  'PUT /{callId}/': {
    success: async () => {
      const callId = await contract.active(contract.foo);
      expectSuccess(await contract.foo.act(callId, 'hold'), 200, {});
    },
    refusals: {
      '400 body': async () => {
        const answer = await contract.foo.send('PUT', `${NOBODYS_CALL}/`, { action: 'fly', x: 1 });
        expectRefusal(answer, 400, expect.any(String), {
          errors: expect.arrayContaining([
            expect.objectContaining({ field: 'action' }),
            expect.objectContaining({ field: 'x' }),
          ]),
        });
      },
      'error 59': async () => {
        const callId = await contract.held(contract.foo);
        const { type, status, body } = await contract.foo.act(callId, 'hold');
        expect({ type, status }).toEqual({ type: 'application/problem+json', status: 400 });
        expect(body).toEqual({ ...REFUSED_HOLD, instance: `${callsPath(contract.foo.name)}${callId}/` });
      },
      '403': () => expectForbidden('PUT', `${NOBODYS_CALL}/`, HOLD),
      '404': () => expectNotFound('PUT', HOLD),
    },
  },
  'DELETE /{callId}/': {
    success: async () => {
      const callId = await contract.active(contract.foo);
      expectSuccess(await contract.foo.send('DELETE', `${callId}/`, {}), 200, {});
      await contract.none(contract.foo);
    },
    refusals: {
      '403': () => expectForbidden('DELETE', `${NOBODYS_CALL}/`),
      '404': () => expectNotFound('DELETE'),
    },
  },
  'POST /retrieve/': {
    success: async () => {
      const callId = await contract.active(contract.foo);
      const { externalTrackingId } = await contract.call(contract.foo, callId, 'Active');
      const answer = await contract.foo.send('POST', 'retrieve/', {});
      expectSuccess(answer, 201, { ...STARTED, externalTrackingId });
      expect(answer.body.callId).not.toBe(callId);
      await contract.call(contract.foo, String(answer.body.callId), 'Active');
    },
    refusals: {
      '400 invalid call state': async () => {
        await contract.foo.dial('+3212345681');
        expectRefusal(await contract.foo.send('POST', 'retrieve/', {}), 400, 'invalid call state');
      },
      '403': () => expectForbidden('POST', 'retrieve/'),
      '404 no call to retrieve': async () =>
        expectRefusal(await contract.foo.send('POST', 'retrieve/', {}), 404, 'no call to retrieve'),
    },
  },
  'POST /imrn/': {
    success: async () =>
      expectSuccess(await contract.foo.send('POST', 'imrn/', LEASE), 201, {
        imrn: expect.stringMatching(/^\+\d{8,15}$/),
      }),
    refusals: {
      '400': async () =>
        expectRefusal(
          await contract.foo.send('POST', 'imrn/', { phoneNumber: '5601' }),
          400,
          expect.any(String),
          invalid('callingPhoneNumber'),
        ),
      'error 59 "IMRN allocation failed."': async () => {
        const other = await contract.client('otheruser', { tenant: 'bar', group: 'bargroup' });
        const answer = await other.send('POST', 'imrn/', { phoneNumber: '5600', callingPhoneNumber: '5600' });
        expectText(answer, 'IMRN allocation failed.');
      },
      '403': () => expectForbidden('POST', 'imrn/', LEASE),
      '404 callingPhoneNumber not found': async () =>
        expectRefusal(
          await contract.foo.send('POST', 'imrn/', { ...LEASE, callingPhoneNumber: '+32470123457' }),
          404,
          'callingPhoneNumber not found',
        ),
    },
  },
};

describe.each(Object.entries(ENDPOINTS))('%s', (name, row) => {
  const checks = CHECKS[name as EndpointName];

  it(`succeeds with ${row.success}`, async () => {
    expect.hasAssertions();
    await checks.success();
  });

  it.each([...row.refusals])('refuses with %s', async (refusal) => {
    const check = checks.refusals[refusal];
    if (!check) throw new Error(`No check of the refusal "${refusal}"`);
    expect.hasAssertions();
    await check();
  });

  it('has no check of a refusal that is not in the table', () => {
    expect(Object.keys(checks.refusals).toSorted()).toEqual([...row.refusals].toSorted());
  });
});
