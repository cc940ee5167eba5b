import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { User } from '../../../src/directory/domain/user.js';
import { readDirectory } from '../../../src/directory/yaml/read-directory.js';
import { DEMO_DIRECTORY_FILE } from '../../../src/directory/yaml/yaml-directory.js';
import { readClusters } from '../../../src/engines/broadworks/clusters/read-clusters.js';

const EXAMPLE = join(import.meta.dirname, '../../../deploy/broadworks/clusters.example.yaml');

const demoUsers = () => [...readDirectory(readFileSync(DEMO_DIRECTORY_FILE, 'utf8'), 'demo.yaml').users()];

const userOn = (cluster: string, userId: string): User => ({
  ref: { tenantId: 'acme', groupId: 'brussels', userId },
  mobileNumbers: [],
  devices: [],
  recordingMode: 'Never',
  switchAccount: { userId: `${userId}@acme.example`, cluster },
});

describe('the file of clusters', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clusters-'));
  const file = join(folder, 'clusters.yaml');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function read(text: string, users: User[] = []) {
    writeFileSync(file, text);
    return readClusters(file, users);
  }

  function mistakes(text: string, users: User[] = []): string[] {
    try {
      read(text, users);
    } catch (error) {
      return (error as Error).message.replaceAll(file, 'c.yaml').split('\n');
    }
    throw new Error('accepted');
  }

  it('says where each cluster is, and as whom it is asked for whom', () => {
    writeFileSync(join(folder, 'secret'), 'from: a file \n');
    const east = `  - id: east
    url: https://xsp.example.com:8443
    username: admin
    password: s€same
    users:
      - {id: ann@acme.example, password: anns}
      - {id: bob@acme.example, passwordFile: secret}
    timeout: 500ms
    maxConcurrent: 7
`;
    const west = `  - {id: west, url: http://10.0.0.5/xsi, username: admin@west, passwordFile: ${join(folder, 'secret')}}\n`;
    expect(read(`clusters:\n${east}${west}`, [userOn('east', 'ann'), userOn('west', 'bob')])).toEqual([
      {
        id: 'east',
        url: 'https://xsp.example.com:8443',
        username: 'admin',
        password: 's€same',
        userPasswords: { 'ann@acme.example': 'anns', 'bob@acme.example': 'from: a file ' },
        timeoutMs: 500,
        maxConcurrent: 7,
      },
      {
        id: 'west',
        url: 'http://10.0.0.5/xsi',
        username: 'admin@west',
        password: 'from: a file ',
        timeoutMs: 5_000,
        maxConcurrent: 50,
      },
    ]);
  });

  it('serves the demo directory as the example has it', () => {
    expect(readClusters(EXAMPLE, demoUsers())).toEqual([
      expect.objectContaining({ id: 'demo', url: 'http://127.0.0.1:8100', username: 'admin' }),
    ]);
  });

  it('tells all mistakes at once, each with its line and field, and shows no password', () => {
    writeFileSync(join(folder, 'empty'), '\n');
    const found = mistakes(`clusters:
  - id: east
    url: ftp://xsp.example.com
    username: 'ad:min'
    timeout: 5
    maxConcurrent: 0
    users:
      - id: ann
        password: sesame
        passwordFile: none
      - id: ann
        passwordFile: none
      - id: bob
        passwordFile: empty
      - {id: cat, password: "se\\nsame"}
  - id: east
    url: https://admin:sesame@xsp.example.com
    username: admin
    password: sesame
    port: 80
`);
    expect(found).toEqual([
      'c.yaml:2: clusters[0]: needs a password or a passwordFile',
      'c.yaml:3: clusters[0].url: must be an http:// or https:// address without user name, password and query',
      'c.yaml:4: clusters[0].username: must be a user name without a colon',
      'c.yaml:5: clusters[0].timeout: must be a duration from 100ms to 60s',
      'c.yaml:6: clusters[0].maxConcurrent: must be a number from 1 to 1000',
      'c.yaml:10: clusters[0].users[0].passwordFile: is one password too many: there is a password, too',
      'c.yaml:11: clusters[0].users[1].id: user ann is given already at clusters[0].users[0].id',
      'c.yaml:12: clusters[0].users[1].passwordFile: cannot be read: ENOENT',
      'c.yaml:14: clusters[0].users[2].passwordFile: must hold 1 to 200 characters on one line',
      'c.yaml:15: clusters[0].users[3].password: must be 1 to 200 characters on one line',
      'c.yaml:16: clusters[1].id: cluster east is given already at clusters[0].id',
      'c.yaml:17: clusters[1].url: must be an http:// or https:// address without user name, password and query',
      'c.yaml:20: clusters[1].port: is not a known field',
    ]);
    expect(found.join()).not.toContain('sesame');
  });

  it('has every cluster that the directory names', () => {
    const text = '# ours\nclusters:\n  - {id: east, url: "http://h", username: a, password: b}\n';
    const users = [
      userOn('west', 'ann'),
      userOn('east', 'bob'),
      userOn('west', 'cat'),
      userOn('north', 'dan'),
    ];
    expect(mistakes(text, users)).toEqual([
      'c.yaml:2: clusters: has no west, which the directory names as the cluster of user ann of tenant acme, group brussels, and of 1 more',
      'c.yaml:2: clusters: has no north, which the directory names as the cluster of user dan of tenant acme, group brussels',
    ]);
  });

  it.each([
    ['', 'c.yaml:1: must be a mapping'],
    ['clusters: east', 'c.yaml:1: clusters: must be a list'],
    ['clusters:\n  - &a {id: *a}', 'c.yaml:2: aliases such as *name are not read'],
  ])('is refused where it is no such file: %j', (text, mistake) => {
    expect(mistakes(text)[0]).toBe(mistake);
  });
});
