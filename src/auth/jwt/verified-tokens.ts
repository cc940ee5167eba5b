import type { Caller } from '../domain/caller.js';

interface Entry {
  caller: Caller;
  /** Milliseconds since 1970. */
  until: number;
}

/**
 * Remembers verified tokens, so that a repeated one costs a look into a map instead of a signature check.
 * Two generations bound it: when the young one is full it becomes the old one, and what is used moves back.
 */
export class VerifiedTokens {
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  /** A request asks more than once, and to compare a long text is cheaper than to hash it. */
  #last: { token: string; entry: Entry } | undefined;

  /** @param capacity tokens remembered at most */
  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(token: string, now: number): Caller | undefined {
    const entry = this.#last?.token === token ? this.#last.entry : this.#find(token);
    return entry && now < entry.until ? entry.caller : undefined;
  }

  #find(token: string): Entry | undefined {
    let entry = this.#young.get(token);
    if (!entry) {
      entry = this.#old.get(token);
      if (!entry) return undefined;
      this.#old.delete(token);
      this.#add(token, entry);
    }
    this.#last = { token, entry };
    return entry;
  }

  add(token: string, caller: Caller, until: number): void {
    this.#add(token, { caller, until });
  }

  #add(token: string, entry: Entry): void {
    this.#last = undefined;
    if (this.#young.size >= this.capacity / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(token, entry);
  }
}
