import { execFile } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT, UnsecuredJWT, decodeJwt } from 'jose';
import { ownKey } from '../../src/auth/jwt/own-key.js';
import { closeGuardedApps, startGuardedApp } from './guarded-app.js';
import { FOOUSER, now } from './issuer.js';

const FOO = ['--tenant', 'foo', '--group', 'foogroup', '--user', 'foouser'];
const folders: string[] = [];

async function dataDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'own-key-'));
  folders.push(folder);
  return join(folder, 'data');
}
afterAll(async () => {
  await closeGuardedApps();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

function tokenCli(args: string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const node = [
    '--no-warnings',
    '--experimental-transform-types',
    '--import',
    './test/support/from-source.mjs',
  ];
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, ...env } };
    execFile(
      process.execPath,
      [...node, 'src/auth/token-cli.ts', ...args],
      options,
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

describe('the token command', () => {
  it('prints a token and nothing else, which the service takes when it starts later', async () => {
    const DATA_DIR = await dataDir();
    const { code, stdout, stderr } = await tokenCli(FOO, { DATA_DIR });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { exp = 0, iat = 0 } = decodeJwt(stdout.trim());
    expect(exp - iat).toBe(3_600);

    const app = await startGuardedApp({ DATA_DIR });
    const header = `Bearer ${stdout.trim()}`;
    expect(await app.get('foo/foogroup/foouser', header)).toMatchObject({ status: 200 });
    expect(await app.get('foo/foogroup/baruser', header)).toMatchObject({ status: 403 });
    const admin = await tokenCli(['--role', 'TenantAdmin', '--tenant', 'foo', '--ttl', '2d'], { DATA_DIR });
    expect(await app.get('foo/foogroup/baruser', `Bearer ${admin.stdout.trim()}`)).toMatchObject({
      status: 200,
    });
  });

  it('gives tokens of one key to many that ask at once, before the first start', async () => {
    const DATA_DIR = await dataDir();
    const [app, ...runs] = await Promise.all([
      startGuardedApp({ DATA_DIR }),
      ...Array.from({ length: 6 }, () => tokenCli(FOO, { DATA_DIR })),
    ]);
    for (const { stdout } of runs)
      expect(await app.get('foo/foogroup/foouser', `Bearer ${stdout.trim()}`)).toMatchObject({ status: 200 });
    expect(await readdir(DATA_DIR)).toEqual(['token-key.pem']);
  });

  it.each([
    [['--group', 'foogroup', '--user', 'foouser'], /^--tenant is needed for EndUser: npm run/],
    [['--tenant', 'foo', '--role', 'GroupAdmin'], /^--group is needed for GroupAdmin/],
    [
      [...FOO, '--role', 'Emperor'],
      /^--role is "Emperor"; allowed: EndUser, GroupAdmin, TenantAdmin, SystemAdmin\./,
    ],
    [[...FOO, '--ttl', '1'], /^--ttl is "1"; allowed: a duration from 1s to 366d/],
    [[...FOO, '--ttl', '500ms'], /^--ttl is "500ms"/],
    [[...FOO, '--ttl', '367d'], /^--ttl is "367d"/],
    [[...FOO, '--colour', 'red'], /--colour/],
    [[...FOO, 'more'], /more/],
    [['--tenant'], /--tenant/],
  ])('says in one line what is wrong with %j, exit 2', async (args, message) => {
    const { code, stdout, stderr } = await tokenCli(args, { DATA_DIR: await dataDir() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('refuses where the tokens come from an issuer, and where the configuration is wrong', async () => {
    const issuer = { JWKS_URL: 'https://id.example.test/keys', JWT_ISSUER: 'x', JWT_AUDIENCE: 'y' };
    const DATA_DIR = await dataDir();
    expect(await tokenCli(FOO, { ...issuer, DATA_DIR })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^JWKS_URL is set: .*\n$/),
    });
    expect(await tokenCli(FOO, { PORT: 'x', DATA_DIR })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^PORT is "x"; allowed: .*\n$/),
    });
  });
});

describe("the service's own key", () => {
  it('is one, however many ask for it first at the same time', async () => {
    const DATA_DIR = await dataDir();
    const keys = await Promise.all(Array.from({ length: 20 }, () => ownKey(DATA_DIR)));
    const texts = keys.map((key) => key.export({ type: 'pkcs8', format: 'pem' }));
    expect(new Set(texts)).toEqual(new Set([await readFile(join(DATA_DIR, 'token-key.pem'), 'utf8')]));
    expect(await readdir(DATA_DIR)).toEqual(['token-key.pem']);
  });

  it('is made at the first start, for its owner alone, and kept', async () => {
    const DATA_DIR = await dataDir();
    const file = join(DATA_DIR, 'token-key.pem');
    await startGuardedApp({ DATA_DIR });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const first = await readFile(file, 'utf8');
    await chmod(file, 0o644);
    await startGuardedApp({ DATA_DIR });
    expect(await readFile(file, 'utf8')).toBe(first);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['rubbish', 'rubbish'],
    ['empty', ''],
    [
      'an RSA key',
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ],
  ])('stops the start when its file holds %s, and is not replaced', async (_, content) => {
    const DATA_DIR = await dataDir();
    await startGuardedApp({ DATA_DIR });
    const file = join(DATA_DIR, 'token-key.pem');
    await writeFile(file, content);
    await expect(startGuardedApp({ DATA_DIR })).rejects.toThrow(
      /token-key\.pem holds no Ed25519 private key/,
    );
    expect(await readFile(file, 'utf8')).toBe(content);
  });

  it('is the only one that tokens may be signed with', async () => {
    const DATA_DIR = await dataDir();
    const app = await startGuardedApp({ DATA_DIR });
    const own = createPrivateKey(await readFile(join(DATA_DIR, 'token-key.pem')));
    const publicPem = createPublicKey(own).export({ type: 'spki', format: 'pem' });
    const claims = { ...FOOUSER, iss: 'call-service', aud: 'call-service', exp: now() + 60 };
    const signed = (alg: string, key: Parameters<SignJWT['sign']>[0], changes: object = {}) =>
      new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg }).sign(key);

    expect(await app.get('foo/foogroup/foouser', `Bearer ${await signed('EdDSA', own)}`)).toMatchObject({
      status: 200,
    });
    const refused = {
      none: new UnsecuredJWT(claims).encode(),
      'HS256 with the public key': await signed('HS256', Buffer.from(publicPem)),
      'a key of somebody else': await signed('EdDSA', generateKeyPairSync('ed25519').privateKey),
      'an algorithm of other keys': await signed(
        'RS256',
        generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
      ),
      'another issuer': await signed('EdDSA', own, { iss: 'https://id.example.test' }),
      'another audience': await signed('EdDSA', own, { aud: 'mail' }),
      expired: await signed('EdDSA', own, { exp: now() - 1 }),
    };
    for (const [name, token] of Object.entries(refused))
      expect({ name, ...(await app.get('foo/foogroup/foouser', `Bearer ${token}`)) }).toMatchObject({
        name,
        status: 401,
      });
  });
});
