import type { RestClient } from '../support/rest-client.js';
import { SandboxService } from '../support/sandbox-service.js';

const ENDPOINT_STATE = 'The endpoint state of the call is not valid.';
const WHILE_TALKING = ['blindTransfer', 'consultativeTransfer', 'startRecording'];
const CALL_STATE = 'The state of the call is not valid.';

describe('the service refuses', () => {
  const service = new SandboxService({ RING_TIMEOUT: '5s' });
  let foo: RestClient;

  beforeAll(async () => {
    await service.start();
    foo = await service.as('foouser');
  });
  afterEach(async () => {
    for (const { callId } of await foo.list()) await foo.release(callId);
    expect(await service.repository.loadOngoing()).toEqual({ calls: [], sessions: [] });
  });
  afterAll(() => service.close());

  it('to dial for a user without number and extension', async () => {
    const answer = await (await service.as('quxuser')).send('POST', '', { phoneNumber: '5601' });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        title: 'INVALID_CALL_OPERATION',
        code: 59,
        detail: 'User has no charge address. The User must have at least the phone number or the extension.',
      },
    });
  });

  it('to dial for a user whose device is not registered', async () => {
    const answer = await (await service.as('offlineuser')).send('POST', '', { phoneNumber: '5601' });
    expect(answer).toMatchObject({ status: 400, body: { code: 59, detail: ENDPOINT_STATE } });
  });

  it.each(['', ' ', '112', '5699', 'abc', 'sip:5601@example.com', '+32', '+3212345678901234567'])(
    'to dial %j',
    async (phoneNumber) => {
      const { status, body } = await foo.send('POST', '', { phoneNumber });
      expect({ status, code: body.code }).toEqual({ status: 400, code: undefined });
    },
  );

  it('commands that the state of the call does not allow, and says which it does', async () => {
    const ringing = await foo.dial('+3212345681');
    await foo.only('Answered');
    expect(await foo.hold(ringing)).toMatchObject({
      status: 400,
      body: { code: 59, detail: CALL_STATE, callState: 'Answered' },
    });
    await foo.release(ringing);

    const callId = await foo.dial('+3212345678');
    await foo.only('Active');
    expect(await foo.reconnect(callId)).toMatchObject({
      status: 400,
      body: { code: 59, detail: CALL_STATE, callState: 'Active', allowedActions: ['hold', ...WHILE_TALKING] },
    });
    await foo.hold(callId);
    expect(await foo.hold(callId)).toMatchObject({
      status: 400,
      body: { code: 59, callState: 'Held', allowedActions: ['reconnect', ...WHILE_TALKING] },
    });
  });

  it('commands on calls of others, and on calls that never were', async () => {
    const callId = await foo.dial('+3212345678');
    const bar = await service.as('baruser');
    for (const id of [callId, 'callhalf-1:0', 'nonsense']) {
      expect((await bar.hold(id)).status).toBe(404);
      expect((await bar.release(id)).status).toBe(404);
      expect((await bar.send('GET', id)).status).toBe(404);
    }
  });

  it('a caller who may not act for the user, and one for a user who does not exist, with the same words', async () => {
    const forbidden = await foo.send('GET', '../../../baruser/services/calls/');
    const unknown = await foo.send('GET', '../../../nobody/services/calls/');
    expect(forbidden).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('invalid calling user') },
    });
    expect({ ...unknown.body, instance: '' }).toEqual({ ...forbidden.body, instance: '' });
  });
});
