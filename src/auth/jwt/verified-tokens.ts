import type { Caller } from '../domain/caller.js';

interface Entry {
  token: string;
  caller: Caller;
  /** Milliseconds since 1970. */
  until: number;
}

/**
 * A map hashes the whole of a text that it has not seen before, which takes longer for a token than all else that is
 * done about it. The end of the signature finds it as well; then it is compared as a whole.
 */
const KEY_LENGTH = 32;

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
    const key = keyOf(token);
    let entry = this.#young.get(key);
    if (!entry) {
      entry = this.#old.get(key);
      if (!entry) return undefined;
      this.#old.delete(key);
      this.#add(key, entry);
    }
    return entry.token === token && now < entry.until ? entry.caller : undefined;
  }

  add(token: string, caller: Caller, until: number): void {
    this.#add(keyOf(token), { token, caller, until });
  }

  #add(key: string, entry: Entry): void {
    if (this.#young.size >= this.capacity / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, entry);
  }
}

function keyOf(token: string): string {
  return token.slice(-KEY_LENGTH);
}
