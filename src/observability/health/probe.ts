import { setTimeout as delay } from 'node:timers/promises';

/** `status` as in the answer of readiness; the message is for a person and names no address. */
export type Finding = { status: 'up' } | { status: 'degraded' | 'down'; message: string };

/**
 * One question that is asked at most once a second, whoever wants to know: those who come meanwhile are told the last
 * answer, and a question that is not answered in time counts as down and is not asked again before it has come to an end.
 */
export class Probe {
  private last: { finding: Finding; at: number } | undefined;
  private underWay: Promise<void> | undefined;

  /** @param ask may fail, which is told as down with `failure` */
  constructor(
    private readonly ask: () => Promise<Finding>,
    private readonly failure: string,
    private readonly limitMs: number,
    private readonly freshMs: number,
  ) {}

  /** Answers within `limitMs`. Never fails. */
  async finding(): Promise<Finding> {
    if (this.last && performance.now() - this.last.at < this.freshMs) return this.last.finding;
    this.underWay ??= this.run();
    const waiting = new AbortController();
    const late = delay(this.limitMs, 'late', { signal: waiting.signal }).catch(() => 'late');
    const outcome = await Promise.race([this.underWay, late]);
    waiting.abort();
    if (outcome === 'late') this.note({ status: 'down', message: 'does not answer in time' });
    return this.last?.finding ?? { status: 'down', message: this.failure };
  }

  private async run(): Promise<void> {
    try {
      this.note(await this.ask());
    } catch {
      this.note({ status: 'down', message: this.failure });
    } finally {
      this.underWay = undefined;
    }
  }

  private note(finding: Finding): void {
    this.last = { finding, at: performance.now() };
  }
}
