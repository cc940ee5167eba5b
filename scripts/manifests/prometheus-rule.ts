import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Manifest } from './render.ts';

/** The alert rules of a file of Prometheus as the Prometheus Operator takes them. */
export function prometheusRule(path: string): Manifest {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      name: 'call-service',
      namespace: 'call-service',
      labels: { 'app.kubernetes.io/name': 'call-service' },
    },
    spec: parse(readFileSync(path, 'utf8')) as unknown,
  };
}
