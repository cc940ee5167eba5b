import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { eventually } from '../support/wait.js';
import { ADMIN, BAR, FOO, RINGS, valueIn, Wire } from './xsi-wire.js';

const ROOT = join(import.meta.dirname, '../..');
const WORLD = join(ROOT, 'broadworks-stand-in/demo-world.json');
const CALLS = `/com.broadsoft.xsi-actions/v2.0/user/${FOO}/calls`;

interface WorldFile {
  groups: {
    id: string;
    countryCode: string;
    imrnPool?: string[];
    users: { userId: string; password?: string; devices: { addressOfRecord: string; absent?: boolean }[] }[];
  }[];
  outside: Record<string, object>;
}
const demoWorld = () => JSON.parse(readFileSync(WORLD, 'utf8')) as WorldFile;

const basic = (name: string, password: string) =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

let wire: Wire;
beforeAll(async () => {
  wire = await Wire.start();
});
afterAll(() => wire.close());

describe('whoever asks', () => {
  it.each(['', 'Basic', 'Bearer x', basic('admin', 'wrong'), basic('', '')])(
    'with the credentials %j is refused',
    async (authorization) => {
      const answer = await wire.ask('GET', CALLS, undefined, authorization);
      expect(answer.status).toBe(401);
      expect(answer.body).toContain('<ErrorInfo');
    },
  );

  it('with the own credentials of a user acts for that user alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stand-in-'));
    const world = demoWorld();
    for (const user of world.groups[0]?.users ?? []) user.password = `${user.userId}-own`;
    writeFileSync(join(folder, 'world.json'), JSON.stringify(world));
    const own = await Wire.start({ world: join(folder, 'world.json') });
    const foo = basic(FOO, `${FOO}-own`);
    try {
      expect((await own.ask('GET', CALLS, undefined, foo)).status).toBe(200);
      expect((await own.ask('GET', CALLS.replace(FOO, BAR), undefined, foo)).status).toBe(403);
      expect((await own.ask('GET', CALLS, undefined, ADMIN)).status).toBe(200);
    } finally {
      await own.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('needs none for /stand-in', async () => {
    expect((await wire.ask('GET', '/stand-in/calls', undefined, '')).status).toBe(200);
  });
});

describe('what is not there', () => {
  it.each([
    ['GET', '/'],
    ['GET', CALLS.replace('v2.0', 'v1.0')],
    ['GET', CALLS.replace('/calls', '/profile')],
    ['GET', CALLS.replace(FOO, 'nobody@foo.example')],
    ['GET', `${CALLS}/callhalf-1:0`],
    ['DELETE', `${CALLS}/callhalf-1:0`],
    ['PUT', `${CALLS}/callhalf-1:0/Hold`],
    ['PUT', `${CALLS}/callhalf-1:0/Hold/more/than/that`],
    ['PUT', '/com.broadsoft.xsi-events/v2.0/channel/none/heartbeat'],
    ['POST', '/com.broadsoft.xsi-events/v2.0/nothing'],
  ])('%s %s: 404 with ErrorInfo', async (method, path) => {
    const answer = await wire.ask(method, path);
    expect(answer.status).toBe(404);
    expect(valueIn(answer.body, 'summaryEnglish')).toBeTruthy();
    expect(valueIn(answer.body, 'errorCode')).toMatch(/^\d+$/);
  });

  it.each([
    ['PUT', CALLS],
    ['GET', `${CALLS}/new`],
    ['GET', `${CALLS}/CallRetrieve`],
    ['POST', '/com.broadsoft.xsi-events/v2.0/channel/none/heartbeat'],
  ])('%s %s: 405 with ErrorInfo', async (method, path) => {
    const answer = await wire.ask(method, path);
    expect(answer.status).toBe(405);
    expect(answer.body).toContain('<ErrorInfo');
  });

  it('a path that cannot be decoded, and a body that is too large, are told', async () => {
    expect((await wire.ask('GET', `${CALLS}/%ff`)).status).toBe(400);
    expect((await wire.ask('POST', `${CALLS}/new`, 'x'.repeat(70_000))).status).toBe(413);
  });

  it('unknown query parameters are ignored', async () => {
    await wire.dial(FOO, `${RINGS}`);
    expect((await wire.ask('GET', `${CALLS}?format=whatever&more=1`)).status).toBe(200);
    await wire.control('DELETE', 'calls');
  });
});

describe('the control', () => {
  it('puts everything back with DELETE of the calls', async () => {
    const phone = 'LP_foouser@sip.example.test';
    await wire.phone(phone, 'busy');
    await wire.dial(FOO, RINGS);
    await wire.control('DELETE', 'calls');
    expect(await wire.look()).toEqual([]);
    expect(await wire.control('GET', `devices/${phone}`)).toMatchObject({
      does: 'answers',
      calls: 0,
      ringing: 0,
    });
  });

  it('counts the dials', async () => {
    const before = await wire.control<{ dials: number }>('GET', 'calls');
    await wire.dial(FOO, RINGS);
    await wire.calls('POST', 'offlineuser@foo.example', '/new?address=5601');
    expect(await wire.control('GET', 'calls')).toMatchObject({ dials: before.dials + 1 });
    await wire.control('DELETE', 'calls');
  });

  it('says what is wrong with a request', async () => {
    await expect(wire.control('GET', 'devices/nobody')).rejects.toThrow('404');
    await expect(wire.control('PUT', 'devices/+3212345678', { does: 'sings' })).rejects.toThrow('400');
    await expect(wire.press('+3212345678', 'pick-up')).rejects.toThrow('409');
    await expect(wire.press('+3212345678', 'hang-up')).rejects.toThrow('409');
  });
});

it('the default world is that of the demo directory', () => {
  const directory = parse(readFileSync(join(ROOT, 'src/directory/demo-directory.yaml'), 'utf8')) as {
    tenants: {
      id: string;
      groups: {
        id: string;
        imrnPool?: string[];
        users: Record<string, unknown>[];
      }[];
    }[];
  };
  const expected = directory.tenants.flatMap((tenant) =>
    tenant.groups.map(({ id, imrnPool, users }) => ({
      id,
      countryCode: '32',
      imrnPool,
      users: users.map((user) => ({
        userId: `${String(user['id'])}@${tenant.id}.example`,
        phoneNumber: user['phoneNumber'],
        extension: user['extension'],
        mobileNumbers: user['mobileNumbers'],
        recordingMode: user['recordingMode'],
        devices: (user['devices'] as { addressOfRecord: string; sandbox?: boolean }[]).map(
          ({ addressOfRecord, sandbox }) => ({
            addressOfRecord,
            absent: sandbox === false ? true : undefined,
          }),
        ),
      })),
    })),
  );
  const groups = demoWorld().groups.map((group) => ({
    ...group,
    users: group.users.map((user) => ({ ...user, name: undefined })),
  }));
  expect(groups).toEqual(expected);
});

it('npm run broadworks-stand-in says where it listens', async () => {
  const child = spawn('npm', ['run', '-s', 'broadworks-stand-in', '--', '--port', '0'], {
    cwd: ROOT,
    detached: true,
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [, url] = await eventually(
    () => /^BroadWorks stand-in on (http:\/\/127\.0\.0\.1:\d+)$/m.exec(printed) ?? undefined,
    () => printed,
  );
  expect((await fetch(`${url}/stand-in/calls`)).status).toBe(200);
  const gone = once(child, 'exit');
  process.kill(-(child.pid ?? 0), 'SIGTERM');
  await gone;
}, 20_000);
