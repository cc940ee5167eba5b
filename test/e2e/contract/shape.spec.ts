import { ContractService } from '../../support/contract-service.js';
import { callsPath } from '../../support/rest-client.js';

/** How answers look and what may be sent, of the "Settled points". */
const contract = new ContractService();
let callId: string;
let path: string;
beforeAll(async () => {
  await contract.start();
  path = callsPath(contract.foo.name);
  callId = await contract.active(contract.foo);
}, 30_000);
afterAll(() => contract.clear());
afterAll(() => contract.close());

const DETAILS = [
  'callId',
  'externalTrackingId',
  'personality',
  'state',
  'remoteParty',
  'endpoint',
  'appearance',
  'startTime',
  'answerTime',
  'recorded',
  'allowedRecordingControls',
];

const get = (where: string, body = '') => contract.foo.sendTo(where, 'GET', body);
const slashless = (method: string, where: string, body: object) =>
  contract.foo.sendTo(where, method, JSON.stringify(body));
const firstOf = (answer: { body: Record<string, unknown> }) =>
  (answer.body.calls as Record<string, unknown>[])[0] ?? {};

describe('a list', () => {
  it('without details has two keys', async () => {
    for (const body of ['', '{}', '{"includeDetails": false}']) {
      expect((await get(path, body)).body).toEqual({ calls: [{ callId, inConference: false }] });
    }
  });

  it('with details has those of the call, inConference and the path of the call', async () => {
    const { body: call } = await get(`${path}${callId}/`);
    expect(Object.keys(call).toSorted()).toEqual(DETAILS.toSorted());
    for (const answer of [
      await get(path, '{"includeDetails": true}'),
      await get(`${path}?includeDetails=true`),
      await get(`${path}?includeDetails=true`, '{}'),
    ]) {
      expect(firstOf(answer)).toEqual({ ...call, inConference: false, uri: `${path}${callId}/` });
    }
  });

  it('names a path that leads to the call', async () => {
    const { uri } = firstOf(await get(`${path}?includeDetails=true`));
    expect((await get(String(uri))).body).toMatchObject({ callId });
  });
});

describe('a call', () => {
  it('has times in UTC with six decimals and no zone letter', async () => {
    const { startTime, answerTime } = (await get(`${path}${callId}/`)).body;
    for (const time of [startTime, answerTime]) {
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
      const age = Date.now() - Date.parse(`${String(time)}Z`);
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(60_000);
    }
    expect(String(startTime) < String(answerTime)).toBe(true);
  });

  it.each([
    ['slash and colon', (id: string) => `${id}/`],
    ['no slash', (id: string) => id],
    ['an encoded colon', (id: string) => `${id.replace(':', '%3A')}/`],
    ['an encoded colon and no slash', (id: string) => id.replace(':', '%3a')],
  ])('is found under its path with %s', async (_, written) => {
    for (const body of ['', '{}', '{"action": ""}']) {
      expect((await get(path + written(callId), body)).body).toMatchObject({ callId, state: 'Active' });
    }
  });

  it.each(['', '{}'])('is released with the body "%s"', async (body) => {
    const other = await contract.active(contract.foo);
    const answer = await contract.foo.sendTo(`${path}${other.replace(':', '%3A')}`, 'DELETE', body);
    expect(answer).toMatchObject({ status: 200, body: {} });
  });
});

describe('without the slash at the end', () => {
  it('calls are listed, dialled, changed and retrieved, numbers leased', async () => {
    const calls = path.slice(0, -1);
    expect((await slashless('GET', calls, {})).body).toEqual({ calls: [{ callId, inConference: false }] });
    expect(await slashless('PUT', `${path}${callId}`, { action: 'hold' })).toMatchObject({ status: 200 });
    const dialled = await slashless('POST', calls, { phoneNumber: '+3212345678' });
    expect(dialled).toMatchObject({ status: 201 });
    await contract.call(contract.foo, String(dialled.body.callId), 'Active');
    expect(await slashless('POST', `${path}retrieve`, {})).toMatchObject({ status: 201 });
    const lease = { phoneNumber: '5601', callingPhoneNumber: '+32470123456' };
    expect(await slashless('POST', `${path}imrn`, lease)).toMatchObject({ status: 201 });
  });
});
