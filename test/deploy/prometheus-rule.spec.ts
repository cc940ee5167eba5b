import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prometheusRule } from '../../scripts/manifests/prometheus-rule.ts';
import { validateManifests } from '../../scripts/manifests/validate.ts';

const ALERTS = join(import.meta.dirname, '../../deploy/observability/alerts.yaml');

/** Mistakes of the alert rules as a PrometheusRule. */
const mistakesOf = (path: string) => validateManifests([{ name: 'alerts', manifest: prometheusRule(path) }]);

describe('the alert rules for the Prometheus Operator', () => {
  it('are what it takes', async () => {
    expect(await mistakesOf(ALERTS)).toEqual([]);
  }, 30_000);

  it('are refused with a field that a rule does not have', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
    const file = join(folder, 'alerts.yaml');
    writeFileSync(file, "groups: [{ name: x, rules: [{ alert: A, expr: 'up == 0', fro: 1m }] }]\n");
    const [mistake] = await mistakesOf(file);
    rmSync(folder, { recursive: true });
    expect(mistake).toContain("'fro' does not exist");
  }, 30_000);
});
