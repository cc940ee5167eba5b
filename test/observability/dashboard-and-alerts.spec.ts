import { jest } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { StandInBacking } from '../support/broadworks/stand-in-backing.js';
import { groupingsOf, selectorsOf } from '../support/promql.js';
import { SandboxService } from '../support/sandbox-service.js';
import { type Scrape, scrape, scrapeUntil } from '../support/scrape.js';

jest.setTimeout(30_000);

interface Panel {
  title: string;
  targets?: { expr: string; legendFormat: string }[];
}
interface Dashboard {
  panels: Panel[];
  templating: { list: { name: string; query: string | { query: string } }[] };
}
interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const FOLDER = 'deploy/observability';
const dashboard = JSON.parse(readFileSync(`${FOLDER}/dashboard.json`, 'utf8')) as Dashboard;
const rules = (
  parse(readFileSync(`${FOLDER}/alerts.yaml`, 'utf8')) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules);

/** Written by Prometheus itself. */
const OWN_METRICS = new Set(['up']);
const OWN_LABELS = new Set(['job', 'instance']);

const expressions: [where: string, expression: string, legend: string][] = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }): [string, string, string] => [title, expr, legendFormat]),
  ),
  ...rules.map(({ alert, expr }): [string, string, string] => [alert, expr, '']),
];

describe('the dashboard and the alert rules', () => {
  const service = new SandboxService();
  let seen: Scrape;
  const onSwitch = new StandInBacking({});
  beforeAll(async () => {
    await onSwitch.start();
    await service.start();
    const foo = await service.as('foouser');
    await foo.dial('+3212345678');
    const { callId } = await foo.only('Active');
    await foo.modify(callId, 'startRecording');
    await foo.release(callId);
    await foo.none();
    seen = await scrapeUntil(
      service.url,
      (it) =>
        it.value('call_service_calls_released_total') === 1 &&
        it.value('nodejs_gc_duration_seconds_count') > 0,
    );
    seen.samples.push(...(await scrape(onSwitch.service.url)).samples);
  });
  afterAll(async () => {
    await service.close();
    await onSwitch.close();
  });

  it.each(expressions)(
    '%s reads metrics and labels that a running service has: %s',
    (_, expression, legend) => {
      const selectors = selectorsOf(expression);
      expect(selectors.length).toBeGreaterThan(0);
      for (const { metric, labels } of selectors) {
        if (OWN_METRICS.has(metric)) continue;
        const samples = seen.samples.filter(({ name }) => name === metric);
        expect([metric, samples.length > 0]).toEqual([metric, true]);
        for (const { name, value } of labels) {
          if (OWN_LABELS.has(name)) continue;
          const known = samples.some(
            (sample) => name in sample.labels && (value === undefined || sample.labels[name] === value),
          );
          expect([`${metric}{${name}=${value ?? '…'}}`, known]).toEqual([
            `${metric}{${name}=${value ?? '…'}}`,
            true,
          ]);
        }
      }
      const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      const has = new Set(
        seen.samples
          .filter(({ name }) => selectors.some(({ metric }) => metric === name))
          .flatMap(({ labels }) => Object.keys(labels)),
      );
      for (const label of [...groupingsOf(expression), ...shown]) {
        if (!OWN_LABELS.has(label)) expect([label, has.has(label)]).toEqual([label, true]);
      }
    },
  );

  it('list the instances by a metric that is there', () => {
    const [, metric] = /label_values\((\w+), instance\)/.exec(JSON.stringify(dashboard.templating)) ?? [];
    expect(seen.samples.map(({ name }) => name)).toContain(metric);
  });

  it('show every metric of the service somewhere', () => {
    const read = new Set(
      expressions.flatMap(([, text]) => selectorsOf(text).map(({ metric }) => base(metric))),
    );
    const own = new Set(
      seen.samples.map(({ name }) => base(name)).filter((name) => name.startsWith('call_service_')),
    );
    expect([...own].filter((name) => !read.has(name))).toEqual([]);
  });
});

describe('every alert', () => {
  it.each(rules)('$alert waits, has a severity, and names a run-book that is there', (rule) => {
    expect(rule.for).toMatch(/^\d+[sm]$/);
    expect(rule.labels.severity).toMatch(/^(critical|warning)$/);
    expect(rule.annotations.summary).toMatch(/^[A-Z].{10,100}\.$/);
    expect(rule.annotations.runbook).toMatch(/^docs\/run-books\/[a-z-]+\.md$/);
    expect([rule.annotations.runbook, existsSync(rule.annotations.runbook)]).toEqual([
      rule.annotations.runbook,
      true,
    ]);
    const page = readFileSync(rule.annotations.runbook, 'utf8');
    expect(page).toContain(`\`${rule.alert}\``);
    for (const heading of [
      '## What it means for users',
      '## How to look',
      '## What to do',
      '## How to know it is over',
    ])
      expect(page).toContain(heading);
  });

  it('and every run-book is about an alert, and is in their list', () => {
    const pages = readdirSync('docs/run-books').filter((name) => name !== 'README.md');
    const named = new Set(rules.map(({ annotations }) => annotations.runbook.replace('docs/run-books/', '')));
    expect(pages.toSorted()).toEqual([...named].toSorted());
    const list = readFileSync('docs/run-books/README.md', 'utf8');
    for (const page of pages) expect(list).toContain(`](${page})`);
  });

  it('has a unit test for promtool', () => {
    const tests = parse(readFileSync(`${FOLDER}/alerts.test.yaml`, 'utf8')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts?: object[] }[] }[];
    };
    const fired = tests.tests.flatMap(({ alert_rule_test: each }) =>
      each.filter(({ exp_alerts: alerts }) => alerts?.length).map(({ alertname }) => alertname),
    );
    expect([...new Set(fired)].toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });

  it('names in its run-book only metrics that are in dashboard or rules', () => {
    const read = new Set(expressions.flatMap(([, text]) => selectorsOf(text).map(({ metric }) => metric)));
    for (const name of readdirSync('docs/run-books')) {
      const page = readFileSync(`docs/run-books/${name}`, 'utf8');
      for (const [metric] of page.matchAll(/\b(?:call_service|nodejs|process)_\w+/g))
        expect([name, metric, [...read].some((each) => base(each) === base(metric))]).toEqual([
          name,
          metric,
          true,
        ]);
    }
  });
});

/** Without what a histogram appends. */
function base(metric: string): string {
  return metric.replace(/_(bucket|sum|count)$/, '');
}
