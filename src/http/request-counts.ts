/** What was counted in the span of time that goes on. */
export interface RequestCount {
  requests: number;
  /** When the span is over, as `now` counts. */
  endsAt: number;
}

/**
 * Counts requests by key, each key in spans of its own: one begins with the first request after the former has ended.
 * Keys that were counted longest ago are forgotten first.
 */
export class RequestCounts {
  readonly #counts = new Map<string, RequestCount>();

  /**
   * @param spanMs milliseconds
   * @param most keys that are kept
   */
  constructor(
    private readonly spanMs: number,
    private readonly most: number,
  ) {}

  /** One more, the one that is told included. @param now milliseconds of a clock that never goes back */
  add(key: string, now: number): Readonly<RequestCount> {
    let count = this.#counts.get(key);
    // A map keeps the order in which keys came.
    if (count) this.#counts.delete(key);
    else if (this.#counts.size >= this.most) this.#forgetOne();
    if (!count || count.endsAt <= now) count = { requests: 0, endsAt: now + this.spanMs };
    count.requests += 1;
    this.#counts.set(key, count);
    return count;
  }

  #forgetOne(): void {
    const [oldest] = this.#counts.keys();
    if (oldest !== undefined) this.#counts.delete(oldest);
  }
}
