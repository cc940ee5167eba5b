/** Chance that can be repeated: the same seed chooses the same. */
export class Random {
  constructor(private state: number) {}

  /** 0 to 1, without 1: mulberry32, which is even enough to choose by. */
  share(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0, without `end`. */
  below(end: number): number {
    return Math.floor(this.share() * end);
  }

  /** @throws Error of an empty list */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new Error('There is nothing to pick from');
    return picked;
  }

  /** @param weights how often each name, of their sum */
  weighted<N extends string>(weights: Record<N, number>): N {
    const entries = Object.entries(weights) as [N, number][];
    let left = this.share() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    return this.pick(entries)[0];
  }
}
