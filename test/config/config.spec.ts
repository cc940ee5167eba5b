import { ConfigError, loadConfig } from '../../src/config/config.js';
import { ENVIRONMENT } from '../../src/config/environment.js';

function refusal(env: NodeJS.ProcessEnv): string {
  try {
    loadConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error(`accepted: ${JSON.stringify(env)}`);
}

const ISSUER = {
  JWKS_URL: 'https://id.example.com/keys',
  JWT_ISSUER: 'https://id.example.com',
  JWT_AUDIENCE: 'calls',
};

describe('the configuration', () => {
  it('needs nothing', () => {
    expect(loadConfig({})).toEqual({
      port: 3000,
      host: '0.0.0.0',
      rateLimit: { requests: 1_000, perMilliseconds: 10_000 },
      corsOrigins: [],
      trustedProxies: [],
      dataDir: './data',
      sandbox: true,
      engine: 'sip',
      sipBind: '127.0.0.1',
      sipPort: 5060,
      sipDigestAlgorithms: ['MD5'],
      ringTimeout: 60_000,
      imrnTtl: 30_000,
      transferTimeout: 30_000,
      retrieveTimeout: 20_000,
      drainDelay: 5_000,
      drainTimeout: 25_000,
      media: 'relay',
      rtpPorts: { first: 10_000, last: 19_999 },
      rtpengineLearnSources: 'on',
      sipCommandTimeout: 5_000,
      sessionExpires: 1_800_000,
      jwtAlgorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      claimTenant: 'tenant',
      claimGroup: 'group',
      claimUser: 'sub',
      claimRole: 'role',
      metrics: 'on',
      logLevel: 'info',
      logPhoneNumbers: 'off',
      otelServiceName: 'call-service',
    });
  });

  it('takes digest algorithms with the stronger one first', () => {
    const { sipDigestAlgorithms } = loadConfig({ SIP_DIGEST_ALGORITHMS: 'MD5, SHA-256' });
    expect(sipDigestAlgorithms).toEqual(['SHA-256', 'MD5']);
    expect(() => loadConfig({ SIP_DIGEST_ALGORITHMS: 'SHA-1' })).toThrow(
      'SIP_DIGEST_ALGORITHMS is "SHA-1"; allowed: MD5, SHA-256 or SHA-256,MD5.',
    );
  });

  it('takes an empty variable for one that is not set, and ignores those of others', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: '', SIP_HOME: 'x', PATH: '/bin' })).toEqual(loadConfig({}));
  });

  it.each([
    ['DATABASE_URL', 'postgres://calls:secret@db:5432/calls', 'databaseUrl'],
    ['DATABASE_URL', 'postgresql:///calls', 'databaseUrl'],
    ['DIRECTORY_FILE', '/etc/calls/directory.yaml', 'directoryFile'],
  ] as const)('takes %s=%s as it is', (name, value, key) => {
    expect(loadConfig({ [name]: value })[key]).toBe(value);
  });

  it.each([
    ['trunk.example.com', { host: 'trunk.example.com', port: 5060, transport: 'udp' }],
    ['10.0.0.1:5080', { host: '10.0.0.1', port: 5080, transport: 'udp' }],
    ['10.0.0.1;transport=tcp', { host: '10.0.0.1', port: 5060, transport: 'tcp' }],
    ['[2001:db8::1]:5080;transport=TCP', { host: '2001:db8::1', port: 5080, transport: 'tcp' }],
  ])('understands the trunk %s', (value, trunk) => {
    expect(loadConfig({ SIP_TRUNK: value }).sipTrunk).toEqual(trunk);
  });

  it('understands the ports of the relay and the instances of rtpengine', () => {
    expect(loadConfig({ RTP_PORTS: '40000-40003' }).rtpPorts).toEqual({ first: 40_000, last: 40_003 });
    expect(loadConfig({ RTPENGINE: '10.0.0.5:2223, 10.0.0.6:22222' }).rtpengine).toEqual([
      { host: '10.0.0.5', port: 2223 },
      { host: '10.0.0.6', port: 22_222 },
    ]);
  });

  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['2m', 120_000],
  ])('reads the duration %s as milliseconds', (value, milliseconds) => {
    expect(loadConfig({ RING_TIMEOUT: value }).ringTimeout).toBe(milliseconds);
  });

  it('plays the sandbox with the demo directory only, unless told', () => {
    const own = { DIRECTORY_FILE: 'd.yaml' };
    expect(loadConfig(own).sandbox).toBe(false);
    expect(loadConfig({ ...own, SANDBOX: 'on' }).sandbox).toBe(true);
    expect(loadConfig({ SANDBOX: 'off' }).sandbox).toBe(false);
  });

  it('needs the file of clusters with ENGINE=broadworks, where no sandbox is played', () => {
    expect(refusal({ ENGINE: 'broadworks' })).toMatch(
      /^BROADWORKS_FILE is not set; allowed: .*ENGINE=broadworks/,
    );
    const env = { ENGINE: 'broadworks', BROADWORKS_FILE: 'clusters.yaml' };
    expect(loadConfig(env)).toMatchObject({
      engine: 'broadworks',
      broadworksFile: 'clusters.yaml',
      sandbox: false,
    });
    expect(loadConfig({ ...env, SANDBOX: 'on' }).sandbox).toBe(false);
    expect(loadConfig({ BROADWORKS_FILE: 'clusters.yaml' })).toMatchObject({ engine: 'sip', sandbox: true });
  });

  it('needs issuer and audience where the keys come from an issuer', () => {
    expect(loadConfig(ISSUER)).toMatchObject({ jwksUrl: ISSUER.JWKS_URL, jwtAudience: 'calls' });
    expect(refusal({ ...ISSUER, JWT_ISSUER: '' })).toMatch(/^JWT_ISSUER is not set; allowed: .*JWKS_URL/);
    expect(refusal({ ...ISSUER, JWT_AUDIENCE: '' })).toMatch(/^JWT_AUDIENCE is not set; allowed: .*JWKS_URL/);
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3000 '],
    ['HOST', 'a b'],
    ['DATA_DIR', 'x'.repeat(501)],
    ['SANDBOX', 'true'],
    ['ENGINE', 'asterisk'],
    ['SIP_BIND', 'localhost'],
    ['SIP_BIND', '0.0.0.0'],
    ['SIP_BIND', '::'],
    ['SIP_PORT', '5060;'],
    ['SIP_TRUNK', 'sip:trunk.example.com'],
    ['SIP_TRUNK', 'trunk.example.com:0'],
    ['SIP_TRUNK', 'trunk.example.com:99999'],
    ['SIP_TRUNK', 'trunk.example.com;transport=tls'],
    ['SIP_TRUNK', '[10.0.0.1]'],
    ['MEDIA', 'rtpengine'],
    ['RTP_PORTS', '40000'],
    ['RTP_PORTS', '40000-40002'],
    ['RTP_PORTS', '40003-40000'],
    ['RTP_PORTS', '500-600'],
    ['RTP_PORTS', '60000-70000'],
    ['RTPENGINE', 'media.example.com:2223'],
    ['RTPENGINE', '10.0.0.5'],
    ['RTPENGINE', '10.0.0.5:2223,'],
    ['RTPENGINE_LEARN_SOURCES', 'yes'],
    ['TRANSFER_TIMEOUT', '11m'],
    ['RETRIEVE_TIMEOUT', '0s'],
    ['RING_TIMEOUT', '60'],
    ['RING_TIMEOUT', '0s'],
    ['RING_TIMEOUT', '1h'],
    ['SIP_COMMAND_TIMEOUT', '5 s'],
    ['IMRN_TTL', '999ms'],
    ['IMRN_TTL', '11m'],
    ['SESSION_EXPIRES', '60s'],
    ['JWKS_URL', 'id.example.com'],
    ['JWKS_URL', 'file:///keys'],
    ['JWKS_URL', 'https://me:secret@id.example.com/'],
    ['JWT_ALGORITHMS', 'none'],
    ['JWT_ALGORITHMS', 'RS256,HS256'],
    ['JWT_ALGORITHMS', 'RS256,'],
    ['CLAIM_ROLE', 'a claim'],
    ['METRICS', 'yes'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s in one line that names it, its value and what is allowed', (name, value) => {
    const message = refusal({ [name]: value });
    expect(message).toContain(`${name} is "${value.slice(0, 100)}`);
    expect(message).toContain(`; allowed: ${ENVIRONMENT.shape[name as 'PORT'].meta()?.allowed as string}.`);
    expect(message.split('\n')).toHaveLength(1);
  });

  it('keeps its one line whatever the value holds', () => {
    expect(refusal({ PORT: `1\n2\r3\u2028${'x'.repeat(1_000)}` })).toMatch(
      /^PORT is "1\\n2\\r3\?x+…"; allowed: [^\n\r\u2028]+$/,
    );
  });

  it('does not show a secret', () => {
    const message = refusal({ DATABASE_URL: 'mysql://calls:secret@db/calls' });
    expect(message).toMatch(/^DATABASE_URL is a value that is not shown here; allowed: .*postgres:/);
    expect(message).not.toContain('secret');
  });

  it('describes every variable for the operator', () => {
    for (const [name, schema] of Object.entries(ENVIRONMENT.shape))
      expect({ name, ...schema.meta() }).toMatchObject({
        name: expect.stringMatching(/^[A-Z_]+$/),
        description: expect.stringMatching(/^[A-Z].+\.$/),
        allowed: expect.stringMatching(/.+/),
        default: expect.stringMatching(/.+/),
      });
  });

  it.each([
    ['RATE_LIMIT', '1000/10s', { requests: 1_000, perMilliseconds: 10_000 }],
    ['RATE_LIMIT', 'off', 'off'],
    [
      'CORS_ORIGINS',
      'https://a.example, http://localhost:5173',
      ['https://a.example', 'http://localhost:5173'],
    ],
    ['CORS_ORIGINS', '*', ['*']],
    ['TRUSTED_PROXIES', '10.0.0.0/8, 192.168.1.7,fd00::/8', ['10.0.0.0/8', '192.168.1.7', 'fd00::/8']],
    ['DRAIN_TIMEOUT', '0s', 0],
  ])('takes %s=%s', (name, value, expected) => {
    expect(Object.values(loadConfig({ [name]: value }))).toContainEqual(expected);
  });

  it.each([
    ['RATE_LIMIT', '0/10s'],
    ['RATE_LIMIT', '10/1ms'],
    ['RATE_LIMIT', '10'],
    ['CORS_ORIGINS', 'https://a.example/path'],
    ['CORS_ORIGINS', 'a.example'],
    ['CORS_ORIGINS', 'null'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', 'proxy.example'],
    ['DRAIN_TIMEOUT', '25'],
  ])('refuses %s=%s', (name, value) => {
    expect(refusal({ [name]: value })).toContain(`${name} is "${value}"; allowed: `);
  });
});
