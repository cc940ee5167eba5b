import { createPublicKey } from 'node:crypto';
import { exportJWK, exportSPKI } from 'jose';
import { type GuardedApp, closeGuardedApps, startGuardedApp } from './guarded-app.js';
import { AUDIENCE, ISSUER, type SigningKey, makeKey, now, sign, startKeyServer } from './issuer.js';

let rsa: SigningKey, ec: SigningKey, ed: SigningKey, es384: SigningKey, stranger: SigningKey;
let keyServer: Awaited<ReturnType<typeof startKeyServer>>;
let app: GuardedApp;

const env = () => ({ JWKS_URL: keyServer.url, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE });
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const answerTo = async (token: string) => app.get('foo/foogroup/foouser', `Bearer ${token}`);

beforeAll(async () => {
  [rsa, ec, ed, es384, stranger] = await Promise.all([
    makeKey('RS256', 'rsa'),
    makeKey('ES256', 'ec'),
    makeKey('EdDSA', 'ed'),
    makeKey('ES384', 'es384'),
    makeKey('RS256', 'rsa'),
  ]);
  keyServer = await startKeyServer([rsa, ec, ed, es384]);
  app = await startGuardedApp(env());
});
afterAll(async () => {
  await closeGuardedApps();
  await keyServer.close();
});

function payload(): string {
  return base64({
    tenant: 'foo',
    group: 'foogroup',
    sub: 'foouser',
    iss: ISSUER,
    aud: AUDIENCE,
    exp: now() + 600,
  });
}
function swapHeader(token: string, header: object): string {
  return token.replace(/^[^.]*/, base64(header));
}
function swapPayload(token: string): string {
  return token.replace(/\.[^.]*\./, `.${payload()}.`);
}
async function der(): Promise<Uint8Array> {
  return createPublicKey(await exportSPKI(rsa.publicKey)).export({ type: 'spki', format: 'der' });
}
function confused(secret: string | Uint8Array): Promise<string> {
  const privateKey = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  return sign({ alg: 'HS256', kid: 'rsa', privateKey });
}

describe('tokens of an issuer', () => {
  it('pass with each of the allowed algorithms, again and again', async () => {
    for (const key of [rsa, ec, ed]) {
      const token = await sign(key);
      for (const round of [1, 2, 3])
        expect({ round, ...(await answerTo(token)) }).toEqual({
          round,
          status: 200,
          body: { callingUser: { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' } },
        });
    }
  });

  it('pass when the audience is one of several, the role is left out, or the clock of the issuer is a little ahead', async () => {
    for (const changes of [{ aud: ['other', AUDIENCE] }, { role: undefined }, { nbf: now() + 3 }])
      expect(await answerTo(await sign(rsa, changes))).toMatchObject({ status: 200 });
  });

  it('pass whatever the case of the scheme', async () => {
    expect(await app.get('foo/foogroup/foouser', `bEARER  ${await sign(rsa)}`)).toMatchObject({
      status: 200,
    });
  });

  const bad: [string, () => Promise<string> | string, string][] = [
    ['rubbish', () => 'rubbish', 'The token is not valid.'],
    ['three rubbish parts', () => 'a.b.c', 'The token is not valid.'],
    ['a part too many', async () => `${await sign(rsa)}.x`, 'The token is not valid.'],
    ['alg none', () => `${base64({ alg: 'none' })}.${payload()}.`, 'The token is not valid.'],
    [
      'alg None with a signature',
      async () => swapHeader(await sign(rsa), { alg: 'None', kid: 'rsa' }),
      'The token is not valid.',
    ],
    ['no alg', async () => swapHeader(await sign(rsa), { kid: 'rsa' }), 'The token is not valid.'],
    [
      'HS256 with the public key (PEM) as the secret',
      async () => confused(await exportSPKI(rsa.publicKey)),
      'The token is not valid.',
    ],
    [
      'HS256 with the public key (DER) as the secret',
      async () => confused(await der()),
      'The token is not valid.',
    ],
    [
      'HS256 with the public key (JWK) as the secret',
      async () => confused(JSON.stringify(await exportJWK(rsa.publicKey))),
      'The token is not valid.',
    ],
    ['a signature of another key', () => sign(stranger), 'The token is not valid.'],
    ['a changed payload', async () => swapPayload(await sign(rsa)), 'The token is not valid.'],
    [
      'a signature cut off',
      async () => (await sign(rsa)).replace(/\.[^.]*$/, '.'),
      'The token is not valid.',
    ],
    ['an unknown kid', () => sign({ ...rsa, kid: 'nobody' }), 'The token is not valid.'],
    ['a kid that is a path', () => sign({ ...rsa, kid: '../../etc/passwd' }), 'The token is not valid.'],
    [
      'a key of its own in the header',
      async () => sign({ ...stranger, kid: 'x' }, {}, { jwk: await exportJWK(stranger.publicKey) }),
      'The token is not valid.',
    ],
    ['an algorithm off the list, though of a published key', () => sign(es384), 'The token is not valid.'],
    [
      'a critical extension nobody knows',
      async () => swapHeader(await sign(rsa), { alg: 'RS256', kid: 'rsa', crit: ['x'], x: 1 }),
      'The token is not valid.',
    ],
    ['expired', () => sign(rsa, { exp: now() - 1 }), 'The token has expired.'],
    ['no expiry', () => sign(rsa, { exp: undefined }), 'The token has no time of expiry.'],
    ['an expiry that is a text', () => sign(rsa, { exp: 'tomorrow' }), 'The token has no time of expiry.'],
    ['not yet valid', () => sign(rsa, { nbf: now() + 60 }), 'The token is not valid yet.'],
    ['another issuer', () => sign(rsa, { iss: 'https://evil.test' }), 'The token comes from another issuer.'],
    ['no issuer', () => sign(rsa, { iss: undefined }), 'The token comes from another issuer.'],
    ['another audience', () => sign(rsa, { aud: 'mail' }), 'The token is meant for another audience.'],
    ['no audience', () => sign(rsa, { aud: undefined }), 'The token is meant for another audience.'],
    ['an unknown role', () => sign(rsa, { role: 'Emperor' }), 'The claim "role" of the token is not a role.'],
    [
      'a role named like a method',
      () => sign(rsa, { role: 'constructor' }),
      'The claim "role" of the token is not a role.',
    ],
    [
      'a list of roles',
      () => sign(rsa, { role: ['SystemAdmin'] }),
      'The claim "role" of the token is not a role.',
    ],
    [
      'an end user without group',
      () => sign(rsa, { group: undefined }),
      'A token with the role EndUser needs the claim "group".',
    ],
    [
      'a tenant that is a number',
      () => sign(rsa, { tenant: 1 }),
      'A token with the role EndUser needs the claim "tenant".',
    ],
    ['an empty user', () => sign(rsa, { sub: '' }), 'A token with the role EndUser needs the claim "sub".'],
    [
      'oversized',
      () => sign(rsa, { padding: 'x'.repeat(8_000) }),
      'The token is longer than 8192 characters.',
    ],
    ['oversized rubbish', () => 'x'.repeat(12_000), 'The token is longer than 8192 characters.'],
  ];
  it.each(bad)('are refused with 401: %s', async (_, make, message) => {
    const token = await make();
    for (const round of [1, 2])
      expect({ round, ...(await answerTo(token)) }).toMatchObject({ round, status: 401, body: { message } });
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic Zm9vOmJhcg==', 'Token x', 'Bearerx'])(
    'are asked for where the header is %j',
    async (header) => {
      expect(await app.get('foo/foogroup/foouser', header)).toMatchObject({
        status: 401,
        body: { message: 'A bearer token is needed.' },
      });
    },
  );
});

describe('while the keys of the issuer cannot be fetched', () => {
  it('the answer is 503, and good again when they can', async () => {
    keyServer.state.up = false;
    const other = await startGuardedApp(env());
    const header = `Bearer ${await sign(rsa)}`;
    expect(await other.get('foo/foogroup/foouser', header)).toMatchObject({ status: 503 });
    expect(await other.get('foo/foogroup/foouser', 'Bearer rubbish')).toMatchObject({ status: 401 });
    keyServer.state.up = true;
    expect(await other.get('foo/foogroup/foouser', header)).toMatchObject({ status: 200 });
  });
});

describe('claims with names of their own', () => {
  it('are read by these names alone', async () => {
    const names = {
      CLAIM_TENANT: 'org',
      CLAIM_GROUP: 'https://id.example.test/unit',
      CLAIM_USER: 'uid',
      CLAIM_ROLE: 'calls-role',
    };
    const other = await startGuardedApp({ ...env(), ...names });
    const claims = {
      org: 'foo',
      'https://id.example.test/unit': 'foogroup',
      uid: 'baruser',
      'calls-role': 'EndUser',
      role: 'SystemAdmin',
    };
    const header = `Bearer ${await sign(rsa, claims)}`;
    expect(await other.get('foo/foogroup/baruser', header)).toMatchObject({ status: 200 });
    expect(await other.get('foo/foogroup/foouser', header)).toMatchObject({ status: 403 });
  });
});
