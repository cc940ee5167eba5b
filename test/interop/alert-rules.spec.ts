import { spawnSync } from 'node:child_process';
import { requireDebian } from '../support/debian.js';

const PROMTOOL = '/usr/bin/promtool';

function promtool(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(PROMTOOL, args, {
    cwd: 'deploy/observability',
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

describe('the alert rules, before the tool of Prometheus', () => {
  beforeAll(() => requireDebian(PROMTOOL, 'prometheus'));

  it('are well formed', () => {
    expect(promtool('check', 'rules', 'alerts.yaml')).toEqual({
      status: 0,
      output: expect.stringMatching(/SUCCESS: \d+ rules found/),
    });
  });

  it('fire when they should, and not before', () => {
    expect(promtool('test', 'rules', 'alerts.test.yaml')).toMatchObject({ status: 0 });
  });
});
