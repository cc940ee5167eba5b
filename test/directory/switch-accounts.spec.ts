import { readFileSync } from 'node:fs';
import { readDirectory } from '../../src/directory/yaml/read-directory.js';
import { DEMO_DIRECTORY_FILE } from '../../src/directory/yaml/yaml-directory.js';

/** A tenant with one group. */
const tenant = (id: string, keys: string[], users: string[]) =>
  [
    `  - id: ${id}`,
    ...keys.map((key) => `    ${key}`),
    '    groups:',
    `      - {id: g, country: BE, extensionLength: 4, users: [`,
    ...users.map((user) => `          {${user}},`),
    '        ]}',
  ].join('\n');

const file = (...tenants: string[]) => `tenants:\n${tenants.join('\n')}\n`;

function accounts(text: string) {
  const users = [...readDirectory(text, 'd.yaml').users()];
  return Object.fromEntries(users.map(({ ref, switchAccount }) => [ref.userId, switchAccount]));
}

function mistakes(text: string): string[] {
  try {
    readDirectory(text, 'd.yaml');
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  throw new Error('accepted');
}

describe('the account of a user on a switch outside', () => {
  it('has the domain and the cluster of the tenant, unless the user says otherwise', () => {
    const text = file(
      tenant(
        'acme',
        ['switchDomain: acme.example', 'cluster: east'],
        ['id: ann', 'id: bob, switchUserId: 5101@acme.example', 'id: cat, cluster: west'],
      ),
    );
    expect(accounts(text)).toEqual({
      ann: { userId: 'ann@acme.example', cluster: 'east' },
      bob: { userId: '5101@acme.example', cluster: 'east' },
      cat: { userId: 'cat@acme.example', cluster: 'west' },
    });
  });

  it('is there for the users who name a cluster where the tenant names none', () => {
    const text = file(
      tenant('acme', ['switchDomain: acme.example'], ['id: ann, cluster: east', 'id: bob']),
      tenant('other', [], ['id: cat, cluster: east, switchUserId: cat@else.example', 'id: dan']),
    );
    expect(accounts(text)).toEqual({
      ann: { userId: 'ann@acme.example', cluster: 'east' },
      bob: undefined,
      cat: { userId: 'cat@else.example', cluster: 'east' },
      dan: undefined,
    });
  });

  it.each([
    [
      'a cluster without a domain, where a user has no user id',
      tenant('acme', ['cluster: east'], ['id: ann, switchUserId: a@acme.example', 'id: bob']),
      'd.yaml:3: tenants[0].cluster: needs a switchDomain, or a switchUserId of each user: bob has none',
    ],
    [
      'a cluster of a user without a user id',
      tenant('acme', [], ['id: ann, cluster: east']),
      'd.yaml:5: tenants[0].groups[0].users[0].cluster: needs a switchUserId, or a switchDomain of the tenant',
    ],
    [
      'a user id without a cluster',
      tenant('acme', [], ['id: ann', 'id: bob, switchUserId: b@acme.example']),
      'd.yaml:6: tenants[0].groups[0].users[1].switchUserId: needs a cluster, of the user or of the tenant',
    ],
    [
      'a domain without a cluster',
      tenant('acme', ['switchDomain: acme.example'], ['id: ann']),
      'd.yaml:3: tenants[0].switchDomain: needs a cluster, of the tenant or of users',
    ],
    [
      'an id with an @, which makes no user id with the domain',
      tenant('acme', ['switchDomain: acme.example', 'cluster: east'], ["id: 'ann@home'"]),
      'd.yaml:7: tenants[0].groups[0].users[0].id: has an @, so that a switchUserId is needed',
    ],
    [
      'a user id that is none',
      tenant('acme', ['cluster: east'], ['id: ann, switchUserId: a/b@acme.example']),
      'd.yaml:6: tenants[0].groups[0].users[0].switchUserId: must be user@domain',
    ],
    [
      'a domain that is none',
      tenant('acme', ["switchDomain: '@acme.example'", 'cluster: east'], []),
      'd.yaml:3: tenants[0].switchDomain: must be a domain such as acme.example',
    ],
  ])('is refused: %s', (_, text, mistake) => {
    expect(mistakes(file(text))).toEqual([mistake]);
  });

  it('is that of one user on its cluster, whatever the case', () => {
    const acme = tenant('acme', ['switchDomain: acme.example', 'cluster: east'], ['id: ann']);
    const same = tenant('bee', ['cluster: east'], ['id: bob, switchUserId: Ann@ACME.example']);
    expect(mistakes(file(acme, same))).toEqual([
      'd.yaml:13: tenants[1].groups[0].users[0].switchUserId: on cluster east the user Ann@ACME.example is given already at tenants[0].groups[0].users[0].id',
    ]);
    expect(() => accounts(file(acme, same.replace('east', 'west')))).not.toThrow();
  });

  it('is <id>@<tenant>.example on the cluster demo in the demo directory', () => {
    const users = [...readDirectory(readFileSync(DEMO_DIRECTORY_FILE, 'utf8'), 'demo.yaml').users()];
    expect(users.map(({ switchAccount }) => switchAccount)).toEqual(
      users.map(({ ref }) => ({ userId: `${ref.userId}@${ref.tenantId}.example`, cluster: 'demo' })),
    );
  });
});
