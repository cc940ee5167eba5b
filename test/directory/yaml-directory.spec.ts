import { readDirectory } from '../../src/directory/yaml/read-directory.js';
import { DEMO_DIRECTORY_FILE, YamlDirectory } from '../../src/directory/yaml/yaml-directory.js';
test('x', async () => {
  const d = await YamlDirectory.load(DEMO_DIRECTORY_FILE);
  for (const u of d.users()) console.log(JSON.stringify(u));
  d.onModuleDestroy();
  try {
    readDirectory(
      `tenants:
  - id: foo
    groups:
      - id: g
        country: XX
        extensionLength: 4
        users:
          - id: a/b
            extension: 56
            color: red
            devices:
              - addressOfRecord: A@h
          - id: c
            phoneNumber: +3212345678
            devices: {}
          - id: d
            phoneNumber: +3212345678
          - just text
          -
      - country: BE
`,
      'f.yaml',
    );
  } catch (e) {
    console.log(String(e));
  }
  for (const t of ['', 'a: [', 'tenants: x', 'tenants: []\ntenants: []', '- 1'])
    try {
      readDirectory(t, 'f.yaml');
      console.log('ok', t);
    } catch (e) {
      console.log(String(e));
    }
});
