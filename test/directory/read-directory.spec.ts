import { FileMistakes } from '../../src/config/yaml-file.js';
import { readDirectory } from '../../src/directory/yaml/read-directory.js';

const GROUP = `tenants:
  - id: foo
    groups:
      - id: foogroup
        country: BE
        extensionLength: 4
`;

function mistakes(text: string): string[] {
  try {
    readDirectory(text, 'd.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(FileMistakes);
    return (error as Error).message.split('\n');
  }
  throw new Error('accepted');
}

describe('a directory file', () => {
  it('keeps numbers, extensions and countries as they are written, quoted or not', () => {
    const directory = readDirectory(
      `tenants:
  - id: 007
    groups:
      - id: true
        country: NO
        extensionLength: 4
        imrnPool: [+4722222201, '+4722222202']
        users:
          - id: null
            phoneNumber: +4722222222
            extension: 0012
            mobileNumbers: [+4740000000]
`,
      'd.yaml',
    );
    expect(directory.findGroup('007', 'true')).toEqual({
      tenantId: '007',
      groupId: 'true',
      country: 'NO',
      extensionLength: 4,
      imrnPool: ['+4722222201', '+4722222202'],
    });
    expect(directory.findUserByExtension('007', 'true', '0012')).toEqual({
      ref: { tenantId: '007', groupId: 'true', userId: 'null' },
      phoneNumber: '+4722222222',
      extension: '0012',
      mobileNumbers: ['+4740000000'],
      recordingMode: 'Never',
      devices: [],
    });
    expect(directory.findUserByNumber('+4740000000')).toBeUndefined();
    expect(directory.findGroupByImrn('+4722222202')?.groupId).toBe('true');
    expect(directory.findGroupByImrn('+4722222222')).toBeUndefined();
  });

  it('tells all mistakes at once, each with its line and field', () => {
    expect(
      mistakes(`tenants:
  - id: foo
    groups:
      - id: foogroup
        country: XX
        extensionLength: 4
        users:
          - id: a/b
            extension: 56
            color: red
            devices:
              - addressOfRecord: nobody
          - id: c
            phoneNumber: +3212345678
            recordingMode: Sometimes
            devices: {}
          - id: c
            phoneNumber: +3212345678
          - just text
      - country: BE
`),
    ).toEqual([
      'd.yaml:5: tenants[0].groups[0].country: must be an ISO 3166 country such as BE',
      'd.yaml:8: tenants[0].groups[0].users[0].id: must be 1 to 100 letters, digits or . _ @ + -',
      "d.yaml:9: tenants[0].groups[0].users[0].extension: must have 4 digits, the group's extensionLength",
      'd.yaml:10: tenants[0].groups[0].users[0].color: is not a known field',
      'd.yaml:12: tenants[0].groups[0].users[0].devices[0].addressOfRecord: must be user@host',
      'd.yaml:12: tenants[0].groups[0].users[0].devices[0].password: is missing',
      'd.yaml:15: tenants[0].groups[0].users[1].recordingMode: must be one of Never, Always, Always with Pause/Resume, On Demand, On Demand with User Initiated Start',
      'd.yaml:16: tenants[0].groups[0].users[1].devices: must be a list',
      'd.yaml:17: tenants[0].groups[0].users[2].id: user c is given already at tenants[0].groups[0].users[1].id',
      'd.yaml:18: tenants[0].groups[0].users[2].phoneNumber: number +3212345678 is given already at tenants[0].groups[0].users[1].phoneNumber',
      'd.yaml:19: tenants[0].groups[0].users[3]: must be a mapping',
      'd.yaml:20: tenants[0].groups[1].id: is missing',
      'd.yaml:20: tenants[0].groups[1].extensionLength: is missing',
    ]);
  });

  it.each([
    [
      'a number of another tenant',
      "users: [{id: a, phoneNumber: '+3212345600'}]",
      "users: [{id: b, phoneNumber: '+3212345600'}]",
      'number',
    ],
    [
      'a mobile number that is an office number',
      "users: [{id: a, phoneNumber: '+3212345600'}]",
      "users: [{id: b, mobileNumbers: ['+3212345600']}]",
      'number',
    ],
    [
      'an IMRN that is an office number',
      "imrnPool: ['+3212345600']",
      "users: [{id: b, phoneNumber: '+3212345600'}]",
      'number',
    ],
    [
      'a device of another tenant, whatever the case of its host',
      'users: [{id: a, devices: [{addressOfRecord: LP@h.test, password: x}]}]',
      'users: [{id: b, devices: [{addressOfRecord: LP@H.TEST, password: y}]}]',
      'device',
    ],
  ])('refuses %s', (_, first, second, what) => {
    const text = `${GROUP}        ${first}\n${GROUP.replace('tenants:\n', '').replace('id: foo\n', 'id: bar\n')}        ${second}\n`;
    expect(mistakes(text)).toEqual([
      expect.stringMatching(new RegExp(`^d\\.yaml:13: .* ${what} \\S+ is given already at tenants\\[0\\]`)),
    ]);
  });

  it('refuses an extension twice in a group, and takes it in two groups', () => {
    const two = "users: [{id: a, extension: '5600'}, {id: b, extension: '5600'}]";
    expect(mistakes(`${GROUP}        ${two}\n`)).toEqual([
      expect.stringContaining('extension 5600 is given already'),
    ]);
    const one = "        users: [{id: a, extension: '5600'}]\n";
    const directory = readDirectory(
      `${GROUP}${one}${GROUP.split('\n').slice(3).join('\n').replace('foogroup', 'other')}${one}`,
      'd.yaml',
    );
    expect(directory.findUserByExtension('foo', 'foogroup', '5600')?.ref.groupId).toBe('foogroup');
    expect(directory.findUserByExtension('foo', 'other', '5600')?.ref.groupId).toBe('other');
  });

  it.each([
    ['', 'd.yaml:1: must be a mapping'],
    ['- 1', 'd.yaml:1: must be a mapping'],
    ['tenants: x', 'd.yaml:1: tenants: must be a list'],
    ['tenants: []\ntenants: []', 'd.yaml:2: Map keys must be unique'],
    ['tenants:\n  - id: [', /^d\.yaml:\d: .+/],
    ['tenants:\n  *nowhere', 'd.yaml:2: aliases such as *name are not read'],
    ['tenants: &a [*a]', /^d\.yaml:1: .+/],
    [
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((key, index) => `${key}: &${key} [${`*${'abcdefghi'[index]},`.repeat(9)}]`)
        .join('\n')}`,
      /^d\.yaml:\d: .+/,
    ],
  ])('refuses %j', (text, message) => {
    const [first] = mistakes(text);
    if (typeof message === 'string') expect(first).toBe(message);
    else expect(first).toMatch(message);
  });

  it('never shows a password', () => {
    const device = "users: [{id: a, devices: [{addressOfRecord: x, password: 'sesam\u00e9'}]}]";
    expect(mistakes(`${GROUP}        ${device}\n`).join('\n')).not.toContain('sesam');
  });
});
