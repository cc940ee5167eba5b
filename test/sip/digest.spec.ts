import { createHash } from 'node:crypto';
import { authorize, credentialsOf, DigestAuthenticator, type DigestAlgorithm } from '../../src/sip/digest.js';
import type { SipRequest } from '../../src/sip/message.js';

const URI = 'sip:sip.example.test';
const PASSWORD = 'Circle of Life';

function register(uri = URI): SipRequest {
  return {
    kind: 'request',
    method: 'REGISTER',
    uri,
    vias: [],
    from: { uri: 'sip:bob@sip.example.test', params: {} },
    to: { uri: 'sip:bob@sip.example.test', params: {} },
    callId: '1',
    cseq: { number: 1, method: 'REGISTER' },
    headers: {},
    body: '',
  };
}

/** An authenticator on a clock of its own. */
function server(options: { maxNonces?: number; secret?: string; realm?: string } = {}) {
  const clock = { now: 1_000_000 };
  const authenticator = new DigestAuthenticator({
    realm: 'sip.example.test',
    secret: 'nonce key',
    nonceTtlMs: 60_000,
    now: () => clock.now,
    ...options,
  });
  return { clock, authenticator };
}

function answer(challenges: string[], change: Partial<Parameters<typeof authorize>[0]> = {}): string {
  return authorize({
    challenges,
    method: 'REGISTER',
    uri: URI,
    username: 'bob',
    password: PASSWORD,
    ...change,
  }).value;
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** As a phone that uses a nonce again: the own client always begins with the first count. */
function withCount(challenge: string, nc: string): string {
  const { nonce = '' } = credentialsOf(challenge) ?? {};
  const cnonce = 'c';
  const ha1 = md5(`bob:sip.example.test:${PASSWORD}`);
  const response = md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${md5(`REGISTER:${URI}`)}`);
  return `Digest username="bob", realm="sip.example.test", nonce="${nonce}", uri="${URI}", response="${response}", cnonce="${cnonce}", nc=${nc}, qop=auth, algorithm=MD5`;
}

const RFC_7616 = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
describe('digest answers of a client', () => {
  it('are those of RFC 2617 §3.5 for MD5', () => {
    const value = answer(
      [
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      ],
      {
        method: 'GET',
        uri: '/dir/index.html',
        username: 'Mufasa',
        password: 'Circle Of Life',
        cnonce: '0a4f113b',
      },
    );
    expect(credentialsOf(value)).toEqual({
      username: 'Mufasa',
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      uri: '/dir/index.html',
      response: '6629fae49393a05397450978507c4ef1',
      algorithm: 'MD5',
      qop: 'auth',
      nc: '00000001',
      cnonce: '0a4f113b',
      opaque: '5ccc069c403ebaf9f0171e9517f40e41',
    });
  });

  const MUFASA = {
    method: 'GET',
    uri: '/dir/index.html',
    username: 'Mufasa',
    password: 'Circle of Life',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  };

  it('are those of RFC 7616 §3.9.1 for SHA-256 and MD5', () => {
    expect(credentialsOf(answer([RFC_7616('SHA-256')], MUFASA))?.response).toBe(
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    );
    expect(credentialsOf(answer([RFC_7616('MD5')], MUFASA))?.response).toBe(
      '8ca523f5e9506fed4657c9700eebdbec',
    );
  });

  it('take the strongest challenge that is understood (RFC 8760 §2.4), wherever it stands', () => {
    const offered = ['Basic realm="x"', RFC_7616('MD5'), RFC_7616('SHA-512-256'), RFC_7616('SHA-256')];
    expect(credentialsOf(answer(offered))?.algorithm).toBe('SHA-256');
    expect(credentialsOf(answer(offered.slice(0, 3)))?.algorithm).toBe('MD5');
  });

  it('are without count for a challenge of RFC 2069', () => {
    const value = answer(['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'], {
      method: 'GET',
      uri: '/dir/index.html',
      username: 'Mufasa',
      password: 'CircleOfLife',
    });
    expect(value).not.toMatch(/nc=|qop=/);
    expect(credentialsOf(value)?.response).toBe('1949323746fe6a43ef61f9606e7febea');
  });

  it.each([
    ['no challenge', []],
    ['another scheme', ['Basic realm="x"']],
    ['an unknown algorithm', [RFC_7616('SHA-512-256')]],
    ['integrity of the body alone', ['Digest realm="x", nonce="y", qop="auth-int"']],
    ['no nonce', ['Digest realm="x", qop="auth"']],
    ['what is malformed', ['Digest realm="x, nonce=y']],
  ])('cannot be given to %s', (_what, challenges) => {
    expect(() => answer(challenges)).toThrow(/No digest challenge/);
  });

  it('escape quotes in what they hold', () => {
    const value = answer([RFC_7616('MD5')], { username: 'a" , realm="b' });
    expect(credentialsOf(value)).toMatchObject({ username: 'a" , realm="b', realm: 'http-auth@example.org' });
  });
});

const algorithms = (challenges: string[]) => challenges.map((text) => credentialsOf(text)?.algorithm);

describe('digest authentication of a server', () => {
  it('challenges with SHA-256 first, then MD5, or with what it is told', () => {
    const { authenticator } = server();
    expect(algorithms(authenticator.challenges())).toEqual(['SHA-256', 'MD5']);
    expect(algorithms(authenticator.challenges(false, ['MD5']))).toEqual(['MD5']);
    expect(authenticator.challenges(true).every((text) => text.includes('stale=true'))).toBe(true);
  });

  it.each<DigestAlgorithm>(['SHA-256', 'MD5'])('takes the right password with %s', (algorithm) => {
    const { authenticator } = server();
    const value = answer(authenticator.challenges(false, [algorithm]));
    expect(authenticator.verify(register(), value, PASSWORD)).toBe('ok');
  });

  it('tells who asks before the password is looked up', () => {
    expect(credentialsOf('digest  username="b\\"ob" ,realm=x,uri="sip:a;b,c"')).toEqual({
      username: 'b"ob',
      realm: 'x',
      uri: 'sip:a;b,c',
    });
    for (const other of ['', 'Digest', 'Basic abc', 'Digest "', 'Digest username="a', 'Digest a b']) {
      expect(credentialsOf(other)).toBeUndefined();
    }
  });

  it('refuses what is not of this user, password, method, realm or URI', () => {
    const { authenticator } = server();
    const challenges = authenticator.challenges();
    const verdict = (value: string, request = register()) => authenticator.verify(request, value, PASSWORD);
    expect(verdict(answer(challenges, { password: 'other' }))).toBe('wrong');
    expect(verdict(answer(challenges, { method: 'INVITE' }))).toBe('wrong');
    expect(verdict(answer(challenges, { username: '' }))).toBe('wrong');
    expect(verdict(answer(challenges).replace('"bob"', '"eve"'))).toBe('wrong');
    expect(verdict(answer(server({ realm: 'else' }).authenticator.challenges()))).toBe('wrong');
    expect(verdict(answer(challenges, { uri: 'sip:elsewhere.example' }))).toBe('wrong');
    expect(verdict(answer(challenges, { uri: 'sip:eve@sip.example.test' }))).toBe('wrong');
    expect(verdict(answer(challenges, { uri: 'nonsense' }))).toBe('wrong');
    expect(verdict(answer(challenges))).toBe('ok');
  });

  it('takes a URI without the port and parameters of the request, in another case of the host', () => {
    const { authenticator } = server();
    const value = answer(authenticator.challenges(), { uri: 'sip:SIP.example.test' });
    expect(authenticator.verify(register(`${URI}:5060;transport=tcp`), value, PASSWORD)).toBe('ok');
  });

  it.each(['username', 'realm', 'nonce', 'uri', 'response', 'qop', 'nc', 'cnonce'])(
    'refuses credentials without %s',
    (name) => {
      const { authenticator } = server();
      const value = answer(authenticator.challenges()).replace(new RegExp(`\\b${name}=`), `x-${name}=`);
      expect(authenticator.verify(register(), value, PASSWORD)).toBe('wrong');
    },
  );

  it.each(['00000000', '1', '0000000g', '-0000001'])('refuses the count %s', (nc) => {
    const { authenticator } = server();
    const value = withCount(authenticator.challenges()[1] ?? '', nc);
    expect(authenticator.verify(register(), value, PASSWORD)).toBe('wrong');
  });

  it('calls a nonce stale once its time is over, but only with the right password', () => {
    const { authenticator, clock } = server();
    const challenges = authenticator.challenges();
    clock.now += 60_001;
    expect(authenticator.verify(register(), answer(challenges), PASSWORD)).toBe('stale');
    expect(authenticator.verify(register(), answer(challenges, { password: 'x' }), PASSWORD)).toBe('wrong');
  });

  it('takes the nonces of another process with the same secret, and of no other', () => {
    const { authenticator } = server();
    const value = (secret: string) => answer(server({ secret }).authenticator.challenges());
    expect(authenticator.verify(register(), value('nonce key'), PASSWORD)).toBe('ok');
    expect(authenticator.verify(register(), value('another key'), PASSWORD)).toBe('stale');
  });

  it('calls a nonce stale whose time was changed', () => {
    const { authenticator, clock } = server();
    const [challenge = ''] = authenticator.challenges();
    const later = (clock.now + 5_000).toString(36);
    const forged = challenge.replace(/nonce="[^.]*/, `nonce="${later}`);
    expect(authenticator.verify(register(), answer([forged]), PASSWORD)).toBe('stale');
  });

  it('takes each count of a nonce once, and only growing ones', () => {
    const { authenticator } = server();
    const [, challenge = ''] = authenticator.challenges();
    const verdicts = ['00000001', '00000001', '00000002', '0000000a', '00000003', '0000000B'].map((nc) =>
      authenticator.verify(register(), withCount(challenge, nc), PASSWORD),
    );
    expect(verdicts).toEqual(['ok', 'stale', 'ok', 'ok', 'stale', 'ok']);
  });

  it('remembers a bounded number of counts, and takes no replay of those it forgot', () => {
    const { authenticator, clock } = server({ maxNonces: 3 });
    const used = Array.from({ length: 8 }, () => {
      clock.now += 1;
      return answer(authenticator.challenges());
    });
    const verdicts = () => used.map((value) => authenticator.verify(register(), value, PASSWORD));
    expect(new Set(verdicts())).toEqual(new Set(['ok']));
    expect(new Set(verdicts())).toEqual(new Set(['stale']));
    clock.now += 1;
    expect(authenticator.verify(register(), answer(authenticator.challenges()), PASSWORD)).toBe('ok');
  });
});
