import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GuardedApp, closeGuardedApps, startGuardedApp } from './guarded-app.js';
import { AUDIENCE, ISSUER, type SigningKey, makeKey, sign, startKeyServer } from './issuer.js';

const USERS = ['foo/one/ann', 'foo/one/bob', 'foo/two/ann', 'bar/one/ann'];
const NOBODY = ['foo/one/nobody', 'foo/nowhere/ann', 'nothing/one/ann'];

const group = (id: string, ...users: string[]) =>
  `{id: ${id}, country: BE, extensionLength: 4, users: [${users.map((user) => `{id: ${user}}`).join(', ')}]}`;

let folder: string;
let key: SigningKey;
let keyServer: Awaited<ReturnType<typeof startKeyServer>>;
let app: GuardedApp;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roles-'));
  await writeFile(
    join(folder, 'd.yaml'),
    `tenants: [{id: foo, groups: [${group('one', 'ann', 'bob')}, ${group('two', 'ann')}]}, {id: bar, groups: [${group('one', 'ann')}]}]`,
  );
  key = await makeKey('ES256', 'k');
  keyServer = await startKeyServer([key]);
  app = await startGuardedApp({
    JWKS_URL: keyServer.url,
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: AUDIENCE,
    DIRECTORY_FILE: join(folder, 'd.yaml'),
  });
});
afterAll(async () => {
  await closeGuardedApps();
  await keyServer.close();
  await rm(folder, { recursive: true });
});

const ann = { tenant: 'foo', group: 'one', sub: 'ann' };
const header = async (claims: Record<string, unknown>) => `Bearer ${await sign(key, claims)}`;

describe('who may act for whom', () => {
  it.each([
    ['EndUser', ann, ['foo/one/ann']],
    ['EndUser', { ...ann, group: 'two' }, ['foo/two/ann']],
    ['EndUser', { ...ann, sub: 'Ann' }, []],
    ['EndUser', { ...ann, sub: 'nobody' }, []],
    ['GroupAdmin', ann, ['foo/one/ann', 'foo/one/bob']],
    ['GroupAdmin', { ...ann, tenant: 'bar', sub: undefined }, ['bar/one/ann']],
    ['GroupAdmin', { ...ann, group: 'nowhere' }, []],
    ['TenantAdmin', ann, ['foo/one/ann', 'foo/one/bob', 'foo/two/ann']],
    ['TenantAdmin', { tenant: 'bar', group: undefined, sub: undefined }, ['bar/one/ann']],
    ['SystemAdmin', { tenant: undefined, group: undefined, sub: undefined }, USERS],
    ['SystemAdmin', ann, USERS],
  ])('%s of %j: %j', async (role, claims, allowed) => {
    const authorization = await header({ ...claims, role });
    for (const round of [1, 2])
      for (const path of [...USERS, ...NOBODY]) {
        const { status } = await app.get(path, authorization);
        expect({ round, path, status }).toEqual({ round, path, status: allowed.includes(path) ? 200 : 403 });
      }
  });

  it('is told in the same words for users that do not exist and for those of others', async () => {
    const authorization = await header({ ...ann, role: 'EndUser' });
    const answers = await Promise.all(
      ['foo/one/bob', 'bar/one/ann', ...NOBODY].map((path) => app.get(path, authorization)),
    );
    const distinct = new Set(answers.map((answer) => JSON.stringify(answer)));
    expect([...distinct]).toEqual([
      '{"status":403,"body":{"message":"invalid calling user","error":"Forbidden","statusCode":403}}',
    ]);
  });

  it.each([
    ['a dot segment', '..'],
    ['an encoded dot segment', '%2e%2e'],
    ['a path', '..%2f..%2fetc%2fpasswd'],
    ['NUL', 'ann%00'],
    ['a line break', 'ann%0d%0aX:%20y'],
    ['an encoded slash', 'ann%2f'],
    ['white space', '%20ann'],
    ['a property of every object', '__proto__'],
    ['not UTF-8 in meaning', '%ef%bf%bf'],
    ['very long', 'a'.repeat(3_000)],
    ['SQL', "ann'--"],
  ])('is 403 for a user id that holds %s, even to a system administrator', async (_, id) => {
    const authorization = await header({ role: 'SystemAdmin' });
    for (const path of [`foo/one/${id}`, `foo/${id}/ann`, `${id}/one/ann`])
      expect({ path, ...(await app.get(path, authorization)) }).toMatchObject({ path, status: 403 });
  });

  it('takes the encoded form of an id for the id', async () => {
    expect(await app.get('foo/one/%61nn', await header(ann))).toMatchObject({ status: 200 });
  });
});
