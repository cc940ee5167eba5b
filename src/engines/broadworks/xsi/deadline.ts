import { XsiTimeout } from './errors.js';

/** Ends what takes longer, whatever it waits for. */
export class Deadline {
  readonly #timer: NodeJS.Timeout;
  readonly #ends: ((reason: XsiTimeout) => void)[] = [];
  /** Undefined until then. */
  passed: XsiTimeout | undefined;

  constructor(ms: number) {
    this.#timer = setTimeout(() => {
      this.passed = new XsiTimeout(ms);
      for (const end of this.#ends) end(this.passed);
    }, ms);
  }

  /** Told when it passes, at once where it has. */
  onPassed(end: (reason: XsiTimeout) => void): void {
    if (this.passed) end(this.passed);
    else this.#ends.push(end);
  }

  /** What the work comes to, or XsiTimeout. */
  async race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onPassed(reject);
      work.then(resolve, reject);
    });
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
