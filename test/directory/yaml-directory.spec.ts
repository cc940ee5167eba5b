import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { DEMO_DIRECTORY_FILE, YamlDirectory } from '../../src/directory/yaml/yaml-directory.js';

const POLL = 15;
const open: YamlDirectory[] = [];
const logged: string[] = [];
let folder: string;
const keep = (...parts: unknown[]) => void logged.push(parts.join(' '));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'directory-'));
  Logger.overrideLogger({ log: keep, error: keep, warn: keep });
});
afterEach(() => open.splice(0).forEach((directory) => directory.onModuleDestroy()));
afterAll(() => rm(folder, { recursive: true }));

const withUser = (userId: string) =>
  `tenants: [{id: foo, groups: [{id: g, country: BE, extensionLength: 4, users: [{id: ${userId}, extension: '5600'}]}]}]\n`;

async function load(file: string): Promise<YamlDirectory> {
  const directory = await YamlDirectory.load(file, { pollInterval: POLL });
  open.push(directory);
  return directory;
}

const userOf5600 = (directory: YamlDirectory) =>
  directory.findUserByExtension('foo', 'g', '5600')?.ref.userId;

async function until(happened: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !happened(); tries += 1) await delay(10);
}

describe('a directory file that changes', () => {
  it('is read again when it is written over', async () => {
    const file = join(folder, 'over.yaml');
    await writeFile(file, withUser('one'));
    const directory = await load(file);
    expect(userOf5600(directory)).toBe('one');
    await writeFile(file, withUser('two'));
    await until(() => userOf5600(directory) === 'two');
    expect(userOf5600(directory)).toBe('two');
    expect(directory.findUser({ tenantId: 'foo', groupId: 'g', userId: 'one' })).toBeUndefined();
  });

  it('is read again when another file is renamed over it', async () => {
    const file = join(folder, 'renamed.yaml');
    await writeFile(file, withUser('one'));
    const directory = await load(file);
    await writeFile(`${file}.new`, withUser('two'));
    await rename(`${file}.new`, file);
    await until(() => userOf5600(directory) === 'two');
    expect(userOf5600(directory)).toBe('two');
  });

  it('is read again when the link to its folder is turned, as Kubernetes does with a ConfigMap', async () => {
    const mount = join(folder, 'mount');
    for (const version of ['one', 'two']) {
      await mkdir(join(mount, `..${version}`), { recursive: true });
      await writeFile(join(mount, `..${version}`, 'd.yaml'), withUser(version));
    }
    await symlink('..one', join(mount, '..data'));
    await symlink('..data/d.yaml', join(mount, 'd.yaml'));
    const directory = await load(join(mount, 'd.yaml'));
    await symlink('..two', join(mount, '..data_tmp'));
    await rename(join(mount, '..data_tmp'), join(mount, '..data'));
    await until(() => userOf5600(directory) === 'two');
    expect(userOf5600(directory)).toBe('two');
  });

  it('leaves the directory as it was while it has mistakes or is away, logs them, and is read when mended', async () => {
    const file = join(folder, 'broken.yaml');
    await writeFile(file, withUser('one'));
    const directory = await load(file);
    await writeFile(file, withUser('a/b'));
    await until(() => logged.join().includes(`${file}:1: tenants[0].groups[0].users[0].id: must be`));
    expect(logged.join()).toContain(`${file}:1: tenants[0].groups[0].users[0].id: must be`);
    expect(userOf5600(directory)).toBe('one');
    await rm(file);
    await until(() => logged.join().includes('ENOENT'));
    expect(logged.join()).toContain('ENOENT');
    expect(userOf5600(directory)).toBe('one');
    await writeFile(file, withUser('three'));
    await until(() => userOf5600(directory) === 'three');
    expect(userOf5600(directory)).toBe('three');
  });

  it('stops the start when it is missing or wrong', async () => {
    await expect(YamlDirectory.load(join(folder, 'none.yaml'))).rejects.toThrow('none.yaml');
    await writeFile(join(folder, 'wrong.yaml'), withUser('a/b'));
    await expect(YamlDirectory.load(join(folder, 'wrong.yaml'))).rejects.toThrow('wrong.yaml:1: tenants[0]');
  });
});

describe('the demo directory', () => {
  it('is the one of the documentation', async () => {
    const directory = await load(DEMO_DIRECTORY_FILE);
    const table = [...directory.users()].map((user) => [
      Object.values(user.ref).join('/'),
      user.phoneNumber,
      user.extension,
      user.devices.map((device) => device.addressOfRecord.replace('@sip.example.test', '')).join(' '),
      user.recordingMode,
    ]);
    expect(table).toEqual([
      [
        'foo/foogroup/foouser',
        '+3212345600',
        '5600',
        'LP_foouser MB_foouser',
        'On Demand with User Initiated Start',
      ],
      ['foo/foogroup/baruser', '+3212345601', '5601', 'LP_baruser', 'Always'],
      ['foo/foogroup/bazuser', undefined, '5602', 'LP_bazuser', 'Never'],
      ['foo/foogroup/pauseuser', '+3212345603', '5603', 'LP_pauseuser', 'Always with Pause/Resume'],
      ['foo/foogroup/demanduser', '+3212345604', '5604', 'LP_demanduser', 'On Demand'],
      ['foo/foogroup/offlineuser', '+3212345605', '5605', 'LP_offlineuser', 'Never'],
      ['foo/foogroup/quxuser', undefined, undefined, 'LP_quxuser', 'Never'],
      ['bar/bargroup/otheruser', '+3298765400', '5600', 'LP_otheruser', 'Never'],
    ]);
    for (const [tenant, group] of [
      ['foo', 'foogroup'],
      ['bar', 'bargroup'],
    ] as const)
      expect(directory.findGroup(tenant, group)).toMatchObject({ country: 'BE', extensionLength: 4 });
  });

  it('has a known password for each device, and the sandbox plays all but one', async () => {
    const directory = await load(DEMO_DIRECTORY_FILE);
    const devices = [...directory.users()].flatMap((user) => user.devices);
    for (const { addressOfRecord, password } of devices)
      expect(password).toBe(`${addressOfRecord.split('@')[0]}-secret`);
    expect(
      devices.filter((device) => device.sandbox === false).map((device) => device.addressOfRecord),
    ).toEqual(['LP_offlineuser@sip.example.test']);
  });

  it('answers every question from its index', async () => {
    const directory = await load(DEMO_DIRECTORY_FILE);
    const foouser = directory.findUser({ tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' });
    expect(directory.findUserByNumber('+3212345600')).toBe(foouser);
    expect(directory.findUserByExtension('foo', 'foogroup', '5600')).toBe(foouser);
    expect(directory.findUserByExtension('bar', 'bargroup', '5600')?.ref.userId).toBe('otheruser');
    expect(directory.findDevice('MB_foouser@SIP.example.TEST')).toEqual({
      user: foouser,
      device: foouser?.devices[1],
    });
    expect(directory.findDevice('mb_foouser@sip.example.test')).toBeUndefined();
    expect(directory.findDevice('')).toBeUndefined();
    for (const userId of ['__proto__', 'constructor', '', '..', '\0'])
      expect(directory.findUser({ tenantId: 'foo', groupId: 'foogroup', userId })).toBeUndefined();
    expect(directory.findUser({ tenantId: 'bar', groupId: 'foogroup', userId: 'foouser' })).toBeUndefined();
  });
});
