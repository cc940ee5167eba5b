import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LEASED_IMRN } from '../../src/imrn/http/imrn.examples.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import type { Answer, RestClient } from '../support/rest-client.js';
import { SandboxService } from '../support/sandbox-service.js';
import { eventually } from '../support/wait.js';

const MOBILE = '+32470123456';
const POOL = ['+3212345690', '+3212345691', '+3212345692'];
const ask = (client: RestClient, phoneNumber: string, callingPhoneNumber = MOBILE): Promise<Answer> =>
  client.send('POST', 'imrn/', { phoneNumber, callingPhoneNumber });
const imrnOf = async (answer: Promise<Answer>) => (await answer).body.imrn;

describe('the service with the demo directory', () => {
  const service = new SandboxService();
  let foo: RestClient;
  beforeEach(async () => {
    await service.start();
    foo = await service.as('foouser');
  });
  afterEach(() => service.close());

  it('leases numbers of the pool until there are no more', async () => {
    expect(await ask(foo, '+3225126778')).toEqual({ status: 201, body: LEASED_IMRN });
    const others = [await imrnOf(ask(foo, '5601')), await imrnOf(ask(foo, '5601', '5600'))];
    expect([LEASED_IMRN.imrn, ...others].toSorted()).toEqual(POOL);
    expect(await ask(foo, '+3225126779')).toMatchObject({
      status: 400,
      body: {
        type: '/problems/imrn-allocation-failed',
        title: 'INVALID_CALL_OPERATION',
        code: 59,
        detail: 'IMRN allocation failed.',
      },
    });
    expect(await imrnOf(ask(foo, '5601'))).toBe(others[0]);
  });

  it('has its leases after it starts again', async () => {
    const numbers = ['5601', '5602', '+3225126778'];
    const before = [];
    for (const number of numbers) before.push(await imrnOf(ask(foo, number)));
    await service.stop();
    await service.start();
    expect((await ask(foo, '5603')).status).toBe(400);
    expect(await Promise.all(numbers.map((number) => imrnOf(ask(foo, number))))).toEqual(before);
  });
});

describe('the service refuses', () => {
  const service = new SandboxService();
  let foo: RestClient;
  beforeAll(async () => {
    await service.start();
    foo = await service.as('foouser');
  });
  afterAll(() => service.close());

  it.each(['', '5699', '112', 'abc', '+32', 'sip:5601@example.com'])(
    'the called number %j and names its field',
    async (phoneNumber) => {
      expect(await ask(foo, phoneNumber)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'phoneNumber', message: expect.any(String) }] },
      });
    },
  );

  it.each(['', '112', 'abc', '+32', 'sip:5600@example.com'])(
    'the calling number %j and names its field',
    async (callingPhoneNumber) => {
      expect(await ask(foo, '5601', callingPhoneNumber)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'callingPhoneNumber', message: expect.any(String) }] },
      });
    },
  );

  it.each(['+32470123457', '+3212345601', '5601', '5699', '+3225126781'])(
    'the calling number %s, which is none of the user',
    async (callingPhoneNumber) => {
      expect(await ask(foo, '5602', callingPhoneNumber)).toMatchObject({
        status: 404,
        body: { type: '/problems/calling-number-not-found', detail: 'callingPhoneNumber not found' },
      });
    },
  );

  it('a user without number and extension', async () => {
    expect(await ask(await service.as('quxuser'), '5601')).toMatchObject({
      status: 400,
      body: {
        code: 59,
        detail: 'User has no charge address. The User must have at least the phone number or the extension.',
      },
    });
  });

  it('a user of a group without pool', async () => {
    const other = await service.as('otheruser', 'bar', 'bargroup');
    expect(await ask(other, '+3225126778', '5600')).toMatchObject({
      status: 400,
      body: { code: 59, detail: 'IMRN allocation failed.' },
    });
  });

  it('a caller who may not act for the user', async () => {
    expect(await foo.send('POST', '../../../baruser/services/calls/imrn/', {})).toMatchObject({
      status: 403,
      body: { type: '/problems/invalid-calling-user' },
    });
  });
});

describe('the service with a short IMRN_TTL', () => {
  const service = new SandboxService({ IMRN_TTL: '1s' });
  beforeAll(() => service.start());
  afterAll(() => service.close());

  it('leases a number again when its time is over', async () => {
    const foo = await service.as('foouser');
    for (const number of ['5601', '5602', '5603']) expect((await ask(foo, number)).status).toBe(201);
    expect((await ask(foo, '5604')).status).toBe(400);
    const imrn = await eventually(
      () => imrnOf(ask(foo, '5604')),
      () => 'no number comes free',
    );
    expect(POOL).toContain(imrn);
  });
});

describe('two replicas on PostgreSQL', () => {
  let server: Postgres;
  let replicas: SandboxService[];
  beforeAll(async () => {
    server = await startPostgres(join(mkdtempSync(join(tmpdir(), 'imrn-')), 'data'));
    const DATABASE_URL = await server.database('replicas');
    replicas = [new SandboxService({ DATABASE_URL }), new SandboxService({ DATABASE_URL })];
    for (const replica of replicas) await replica.start();
  }, 60_000);
  afterAll(async () => {
    for (const replica of replicas) await replica.close();
    await server.stop();
  });

  it('race for the last number: one of two callers gets it', async () => {
    const [foo, bar] = [await replicas[0]?.as('foouser'), await replicas[1]?.as('baruser')];
    if (!foo || !bar) throw new Error('no replicas');
    await ask(foo, '5603');
    await ask(foo, '5604');
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => ask(foo, '5602')),
      ...Array.from({ length: 5 }, () => ask(bar, '5602', '+32470123457')),
    ]);
    const given = answers.filter(({ status }) => status === 201);
    expect(given).toHaveLength(5);
    expect(new Set(given.map(({ body }) => body.imrn))).toEqual(new Set(['+3212345692']));
    expect(answers.filter(({ body }) => body.code === 59)).toHaveLength(5);
  });
});
