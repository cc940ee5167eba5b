import { median } from '../support/report.ts';

export interface Sample {
  /** Milliseconds. */
  at: number;
  value: number;
}

/**
 * Growth per minute by Theil and Sen: the median of the slopes of all pairs. Where a least-squares line follows a
 * single stair or a single peak, this one does not.
 */
export function growthPerMinute(samples: Sample[]): number {
  const slopes = samples.flatMap((from, index) =>
    samples.slice(index + 1).map((to) => ((to.value - from.value) / (to.at - from.at)) * 60_000),
  );
  return median(slopes);
}
