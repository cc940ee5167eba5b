import { eventually } from './wait.js';

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** What `/metrics` of a service says, read as Prometheus reads it. @throws Error for a line that is none */
export async function scrape(url: string): Promise<Scrape> {
  const answer = await fetch(`${url}/metrics`);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`/metrics: ${answer.status} ${text}`);
  return new Scrape(text);
}

/** Asks until the samples are as wanted: an answer may be a second old. */
export async function scrapeUntil(url: string, wanted: (scrape: Scrape) => boolean): Promise<Scrape> {
  let last: Scrape | undefined;
  return eventually(
    async () => {
      last = await scrape(url);
      return wanted(last) ? last : undefined;
    },
    () => `not as wanted:\n${last?.text}`,
    200,
  );
}

export class Scrape {
  readonly samples: Sample[];

  constructor(readonly text: string) {
    this.samples = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, name, labels = '', value] = LINE.exec(line) ?? [];
        if (name === undefined) throw new Error(`not a sample: ${line}`);
        const pairs = [...labels.matchAll(LABEL)].map(([, label, told]) => [label, told]);
        return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
      });
  }

  /** The sum of the samples of the name that have these labels; 0 where there is none. */
  value(name: string, labels: Record<string, string> = {}): number {
    return this.samples
      .filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      )
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** Every series, without its value. */
  get series(): string[] {
    return this.samples.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`);
  }
}
