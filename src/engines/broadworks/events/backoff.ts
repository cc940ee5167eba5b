/** Pauses that double up to a limit, each up to half shorter, so that many do not come at the same moment. */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
  ) {}

  /** Milliseconds until the next attempt. */
  next(): number {
    const ms = Math.min(this.firstMs * 2 ** this.failures, this.longestMs);
    if (ms < this.longestMs) this.failures++;
    return ms * (1 - Math.random() / 2);
  }

  reset(): void {
    this.failures = 0;
  }
}
