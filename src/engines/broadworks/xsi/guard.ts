import {
  bulkhead,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
  isBulkheadRejectedError,
} from 'cockatiel';
import { XsiTimeout, XsiUnavailable } from './errors.js';

/** Failures in a row after which the cluster is not asked for a while. */
const FAILURES = 5;
/** Milliseconds until one request may try whether it is back. */
const OPEN_MS = 1_000;

/**
 * Bounds what a cluster that fails or hangs can hold up: at most so many requests at a time and as many waiting, and
 * none for a second after five that failed in a row. An answer that refuses is no failure.
 */
export class Guard {
  readonly #places;
  readonly #breaker = circuitBreaker(
    handleWhen((error) => error instanceof XsiUnavailable || error instanceof XsiTimeout),
    { halfOpenAfter: OPEN_MS, breaker: new ConsecutiveBreaker(FAILURES) },
  );

  constructor(maxConcurrent: number) {
    this.#places = bulkhead(maxConcurrent, maxConcurrent);
  }

  /** Whether the cluster has failed too often. */
  get open(): boolean {
    return this.#breaker.state === CircuitState.Open;
  }

  /** @throws XsiUnavailable no place is free and too many wait */
  async place<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#places.execute(work);
    } catch (error) {
      if (!isBulkheadRejectedError(error)) throw error;
      throw new XsiUnavailable('Too many requests to the switch are under way.', false);
    }
  }

  /** @throws XsiUnavailable it failed too often just now */
  async attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#breaker.execute(work);
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error;
      throw new XsiUnavailable('The switch has failed too often to be asked just now.', false);
    }
  }
}
