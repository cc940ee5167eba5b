/** Prints the alert rules for the Prometheus Operator: `npm run -s prometheus-rule | kubectl apply -f -`. */
import { join } from 'node:path';
import { stringify } from 'yaml';
import { prometheusRule } from './manifests/prometheus-rule.ts';

process.stdout.write(
  stringify(prometheusRule(join(import.meta.dirname, '../deploy/observability/alerts.yaml'))),
);
