interface Target {
  at: 'least' | 'most';
  value: number;
}

export interface Figure {
  name: string;
  value: number;
  unit?: string;
  target?: Target;
}

export interface Part {
  title: string;
  /** @param quick fewer and shorter rounds: shows that it runs, the figures mean little */
  run(quick: boolean): Promise<Figure[]>;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Of what was measured in the same rounds. */
export function medianRatio(of: number[], to: number[]): number {
  return median(of.map((value, index) => value / (to[index] ?? 0)));
}

export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function met({ value, target }: Figure): boolean {
  if (!target) return true;
  return target.at === 'least' ? value >= target.value : value <= target.value;
}

export function lineOf(figure: Figure): string {
  const { name, value, unit = '', target } = figure;
  const shown = `${rounded(value)}${unit && ` ${unit}`}`;
  if (!target) return `  ${name}: ${shown}`;
  const wanted = `at ${target.at} ${target.value}${unit && ` ${unit}`}`;
  return `  ${name}: ${shown} (target: ${wanted}) ${met(figure) ? 'met' : 'MISSED'}`;
}

export function rounded(value: number): string {
  if (!Number.isFinite(value)) return 'not measured';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

export function progress(text: string): void {
  console.log(`    ${text}`);
}
