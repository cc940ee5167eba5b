import type { Metric, Registry } from 'prom-client';

/** One series of durations, in seconds. */
export class Durations {
  private readonly counts: number[];
  private sum = 0;

  /** @param bounds upper ones, growing */
  constructor(private readonly bounds: readonly number[]) {
    // One more for what is above all of them.
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(seconds: number): void {
    const { bounds, counts } = this;
    let at = 0;
    while (at < bounds.length && seconds > (bounds[at] as number)) at++;
    counts[at]!++;
    this.sum += seconds;
  }

  /** As Prometheus wants it: each bucket holds those below it, too. */
  samples(name: string, labels: Record<string, string | number>) {
    let count = 0;
    const buckets = this.counts.map((inBucket, index) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: this.bounds[index] ?? '+Inf' },
      value: (count += inBucket),
    }));
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}

/**
 * A histogram for what happens with every request. That of prom-client builds a text of all labels each time, which a
 * GET of a call feels; here a series is kept by whoever feeds it.
 */
export class DurationHistogram {
  private readonly series: { labels: Record<string, string | number>; durations: Durations }[] = [];

  constructor(
    registry: Registry,
    name: string,
    help: string,
    private readonly bounds: readonly number[],
  ) {
    const get = async () => ({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: this.series.flatMap(({ labels, durations }) => durations.samples(name, labels)),
    });
    registry.registerMetric({
      name,
      help,
      type: 'histogram',
      get,
      reset: () => undefined,
    } as never as Metric);
  }

  /** A new series: to be kept, not asked for twice. */
  with(labels: Record<string, string | number>): Durations {
    const durations = new Durations(this.bounds);
    this.series.push({ labels, durations });
    return durations;
  }
}
