import { ContractService } from '../../support/contract-service.js';
import type { WireAnswer } from '../../support/wire-client.js';
import { PRINTED_IDS, REFERENCE_REQUESTS, type ReferenceRequest } from './reference-requests.js';

/** A client that sends the example requests of the reference page letter by letter; only the ids are today's. */
const contract = new ContractService();
beforeAll(() => contract.start(), 30_000);
afterEach(() => contract.clear());
afterAll(() => contract.close());

interface Ids {
  call?: string;
  consulted?: string;
}

function bytesOf(printed: string, { call = '', consulted = '' }: Ids): string {
  const [head = '', body = ''] = printed
    .replace(PRINTED_IDS.call, call)
    .replace(PRINTED_IDS.consulted, consulted)
    .split('\n\n');
  const own = [
    `Authorization: Bearer ${contract.foo.token}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return [...head.split('\n'), ...own, '', body].join('\r\n');
}

async function send({ request, status }: ReferenceRequest, ids: Ids = {}): Promise<WireAnswer> {
  const answer = await contract.foo.write(bytesOf(request, ids));
  expect(answer).toMatchObject({ status });
  return answer;
}

async function sendAll(names: string[], ids: Ids = {}): Promise<void> {
  for (const name of names) await send(requestNamed(name), ids);
}

function requestNamed(name: string): ReferenceRequest {
  const found = REFERENCE_REQUESTS.find((each) => each.name === name);
  if (!found) throw new Error(`The page has no request "${name}"`);
  return found;
}

async function dialled(): Promise<string> {
  const { body } = await send(requestNamed('call phone number'));
  await contract.call(contract.foo, String(body.callId), 'Active');
  return String(body.callId);
}

/** What must be there before a request, by the requests of the page themselves. */
const BEFORE: Record<string, () => Promise<Ids>> = {
  'call phone number': async () => ({}),
  'IMRN resource create': async () => ({}),
  reconnect: async () => after('hold'),
  'pause recording': async () => after('start recording'),
  'resume recording': async () => after('start recording', 'pause recording'),
  'stop recording': async () => after('start recording'),
  'consultative transfer': async () => ({ ...(await after('hold')), consulted: await dialled() }),
};

async function after(...names: string[]): Promise<Ids> {
  const ids = { call: await dialled() };
  await sendAll(names, ids);
  return ids;
}

describe('the example request of the reference page', () => {
  it.each(REFERENCE_REQUESTS.map((each) => [each.name, each.status, each] as const))(
    '%s is answered with %d',
    async (name, _, request) => {
      const ids = await (BEFORE[name] ?? after)();
      const { body, type } = await send(request, ids);
      expect(type).toBe('application/json; charset=utf-8');
      if (request.request.startsWith('PUT') || request.request.startsWith('DELETE')) expect(body).toEqual({});
    },
  );
});
