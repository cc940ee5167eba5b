import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const CRUISER = join(ROOT, 'node_modules/.bin/depcruise');
const RULES = '.dependency-cruiser.cjs';

/** A file against each rule, and what it imports. */
const VIOLATIONS: Record<string, Record<string, string>> = {
  'no-circular': {
    'src/numbering/domain/one.ts': "import './two.js';",
    'src/numbering/domain/two.ts': "import './one.js';",
  },
  'domain-is-plain': { 'src/calls/domain/wrong.ts': "import '@nestjs/common';" },
  'application-inwards': { 'src/calls/application/wrong.ts': "import '../../http/problems.js';" },
  'http-inwards': { 'src/calls/http/wrong.ts': "import '../../engines/sip/legs.js';" },
  'sip-stands-alone': { 'src/sip/wrong.ts': "import '../config/config.js';" },
  'sandbox-phones-on-sip-alone': { 'src/sandbox/wrong.ts': "import '../calls/domain/call-lifecycle.js';" },
  'engines-know-ports-only': { 'src/engines/sip/wrong.ts': "import '../../persistence/migrate.js';" },
  'engines-anchor-through-the-port': {
    'src/engines/sip/wrong-lease.ts': "import '../../imrn/application/lease-imrn.js';",
  },
  'imrn-beside-engines': { 'src/imrn/application/wrong.ts': "import '../../engines/sip/legs.js';" },
  'calls-below-imrn': {
    'src/calls/application/wrong-lease.ts': "import '../../imrn/application/anchor-calls.js';",
  },
  'persistence-knows-ports-only': { 'src/persistence/wrong.ts': "import '../engines/sip/legs.js';" },
  'only-composition-names-adapters': { 'src/config/wrong.ts': "import '../persistence/migrate.js';" },
  'observed-from-outside': {
    'src/calls/application/wrong-watch.ts': "import '../../observability/health/probe.js';",
  },
  'watchers-know-ports-only': {
    'src/observability/health/wrong.ts': "import '../../engines/sip/legs.js';",
  },
  'stand-in-stands-alone': {
    'broadworks-stand-in/wrong.ts': "import '../src/numbering/domain/phone-number.js';",
  },
  'service-without-stand-in': {
    'src/config/wrong-switch.ts': "import '../../broadworks-stand-in/errors.ts';",
  },
  'xsi-stands-alone': {
    'src/engines/broadworks/xsi/wrong.ts': "import '../../../calls/domain/call-lifecycle.js';",
  },
  'events-on-xsi-alone': {
    'src/engines/broadworks/events/wrong.ts': "import '../sync-calls.js';",
  },
  'no-barrels': {
    'src/numbering/index.ts': 'export const nothing = 1;',
    'src/numbering/wrong.ts': "import './index.js';",
  },
};

function cruise(folder: string): string {
  const { stdout, stderr } = spawnSync(CRUISER, ['--config', RULES, 'src', 'broadworks-stand-in'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout + stderr;
}

describe('the import rules', () => {
  const copy = mkdtempSync(join(tmpdir(), 'structure-'));
  let report: string;

  beforeAll(() => {
    for (const name of ['src', 'broadworks-stand-in', RULES, 'tsconfig.json', 'package.json']) {
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    expect(cruise(copy)).toContain('no dependency violations found');
    for (const files of Object.values(VIOLATIONS)) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(copy, path)), { recursive: true });
        writeFileSync(join(copy, path), text);
      }
    }
    report = cruise(copy);
  }, 60_000);
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('are all tried here', () => {
    const names = execFileSync(process.execPath, [
      '-p',
      `require(${JSON.stringify(join(ROOT, RULES))}).forbidden.map(({ name }) => name).join('\\n')`,
    ]);
    expect(Object.keys(VIOLATIONS).toSorted()).toEqual(names.toString().trim().split('\n').toSorted());
  });

  it.each(Object.keys(VIOLATIONS))('%s is enforced', (name) => {
    const [file = ''] = Object.keys(VIOLATIONS[name] ?? {}).slice(-1);
    const found = report.split('\n').some((line) => line.includes(`error ${name}:`) && line.includes(file));
    const inCycle = name === 'no-circular' && report.includes(`error ${name}:`);
    expect(found || inCycle).toBe(true);
  });
});
