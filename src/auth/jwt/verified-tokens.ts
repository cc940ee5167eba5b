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

  /** @param capacity tokens remembered at most */
  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(token: string, now: number): Caller | undefined {
    let entry = this.#young.get(token);
    if (!entry) {
      entry = this.#old.get(token);
      if (!entry) return undefined;
      this.#old.delete(token);
      this.#add(token, entry);
    }
    return now < entry.until ? entry.caller : undefined;
  }

  add(token: string, caller: Caller, until: number): void {
    this.#add(token, { caller, until });
  }

  #add(token: string, entry: Entry): void {
    if (this.#young.size >= this.capacity / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(token, entry);
  }
}
