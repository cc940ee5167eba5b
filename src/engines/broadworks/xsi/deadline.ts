import { XsiTimeout } from './errors.js';

/** Ends what takes longer, whatever it waits for. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#controller.abort(new XsiTimeout(ms)), ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What the work comes to, or XsiTimeout. */
  async race<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as XsiTimeout), { once: true });
      work.then(resolve, reject);
    });
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
