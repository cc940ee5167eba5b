import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContractService } from '../../support/contract-service.js';
import type { WireAnswer, WireClient } from '../../support/wire-client.js';
import { type Text, TEXTS } from './contract.js';

const folder = mkdtempSync(join(tmpdir(), 'texts-'));
const aFile = join(folder, 'a-file');
writeFileSync(aFile, '');
const contract = new ContractService();
/** Its recordings cannot be written. */
const unwritable = new ContractService({ RECORDINGS_DIR: join(aFile, 'below') });

beforeAll(() => Promise.all([contract.start(), unwritable.start()]), 30_000);
afterEach(() => Promise.all([contract.clear(), unwritable.clear()]));
afterAll(async () => {
  await Promise.all([contract.close(), unwritable.close()]);
  rmSync(folder, { recursive: true });
});

interface Refused {
  answer: WireAnswer;
  /** Whose call it is about, and its state after the refusal, where it is about one. */
  call?: { client: WireClient; callId: string; state: string };
}

async function refusedAction(
  client: WireClient,
  action: string,
  more: object = {},
  on = contract,
): Promise<Refused> {
  const callId = await on.active(client);
  return { answer: await client.act(callId, action, more), call: { client, callId, state: 'Active' } };
}

function lease(phoneNumber: string): Promise<WireAnswer> {
  return contract.foo.send('POST', 'imrn/', { phoneNumber, callingPhoneNumber: '+32470123456' });
}

/** How each text is reached. */
const REACHED: Record<Text, () => Promise<Refused>> = {
  'The endpoint state of the call is not valid.': async () => {
    const offline = await contract.client('offlineuser');
    const answer = await offline.send('POST', '', { phoneNumber: '5601' });
    expect(await contract.list(offline)).toEqual([]);
    return { answer };
  },
  'The state of the call is not valid.': () => refusedAction(contract.foo, 'reconnect'),
  'The call is in the detached state.': async () => {
    const { foo } = contract;
    const callId = await contract.active(foo);
    const { endpoint } = await contract.call(foo, callId, 'Active');
    const carries = (endpoint as { addressOfRecord: string }).addressOfRecord.slice(0, 2);
    await contract.phone(carries === 'LP' ? 'MB_foouser' : 'LP_foouser', (phone) => (it) => phone.ring(it));
    expect((await foo.send('POST', 'retrieve/', {})).status).toBe(201);
    return { answer: await foo.act(callId, 'hold'), call: { client: foo, callId, state: 'Detached' } };
  },
  'Transfer has failed.': () => refusedAction(contract.foo, 'blindTransfer', { phoneNumber: '+3212345680' }),
  'Consultative transfer already in progress.': async () => {
    const { foo } = contract;
    const callId = await contract.held(foo);
    const transferCallId = await foo.dial('+3212345681');
    await contract.call(foo, transferCallId, 'Answered');
    const both = [1, 2].map(() => foo.act(callId, 'consultativeTransfer', { transferCallId }));
    const answer = await Promise.race(both);
    await foo.send('DELETE', `${transferCallId}/`);
    const details = (await Promise.all(both)).map(({ body }) => body.detail);
    expect(details).toContain('Transfer has failed.');
    return { answer, call: { client: foo, callId, state: 'Held' } };
  },
  'User has no charge address. The User must have at least the phone number or the extension.': async () => {
    const client = await contract.client('quxuser');
    return { answer: await client.send('POST', '', { phoneNumber: '5601' }) };
  },
  'Recording is disabled for this call.': () => refusedAction(contract.baz, 'startRecording'),
  'Recording has failed for this call.': async () => {
    const refused = await refusedAction(unwritable.foo, 'startRecording', {}, unwritable);
    const { body } = await unwritable.foo.send('GET', `${refused.call?.callId}/`);
    expect(body).toMatchObject({ recordingState: 'Failed', allowedRecordingControls: 'none' });
    return refused;
  },
  'User recording mode does not support stop.': async () =>
    refusedAction(await contract.client('demanduser'), 'stopRecording'),
  'Recording is not active.': () => refusedAction(contract.foo, 'stopRecording'),
  'IMRN allocation failed.': async () => {
    for (const number of ['5601', '5602', '5603']) expect((await lease(number)).status).toBe(201);
    return { answer: await lease('5604') };
  },
};

const types = new Set<unknown>();

describe('code 59', () => {
  it.each(TEXTS)('%s', async (text) => {
    const { answer, call } = await REACHED[text]();
    expect(answer).toEqual({
      status: 400,
      type: 'application/problem+json',
      body: {
        type: expect.stringMatching(/^\/problems\/[a-z-]+$/),
        title: 'INVALID_CALL_OPERATION',
        status: 400,
        code: 59,
        detail: text,
        instance: expect.stringMatching(
          /^\/api\/v1\/tenants\/foo\/groups\/foogroup\/users\/\w+\/services\/calls\//,
        ),
        ...(call && { callState: call.state, allowedActions: expect.any(Array) }),
      },
    });
    if (call) {
      const { body } = await call.client.send('GET', `${call.callId}/`);
      expect(body.state).toBe(call.state);
    }
    types.add(answer.body.type);
  });

  it('has a type of its own for each text', () => {
    expect(types.size).toBe(TEXTS.length);
  });
});
