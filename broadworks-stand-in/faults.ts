import { Refused } from './errors.ts';

/** What can go wrong, each with a probability from 0 to 1; 0 by default. */
const NONE = {
  /** An event is sent twice. */
  doubled: 0,
  /** An event is sent 300 ms late, so that later ones overtake it. */
  late: 0,
  /** An event changes places with the one after it. */
  reordered: 0,
  /** An event is never sent. */
  dropped: 0,
  /** An event is written in pieces that begin and end anywhere. */
  splitChunks: 0,
  /** The stream breaks off in the middle of an event. */
  cutChannel: 0,
  /** An event is followed by a CallSubscriptionResyncEvent. */
  resync: 0,
  /** An event is followed by a SubscriptionTerminatedEvent. */
  subscriptionTerminated: 0,
  /** An event is followed by a ChannelTerminatedEvent, and the stream ends. */
  channelTerminated: 0,
  heartbeat404: 0,
  heartbeat503: 0,
  /** A subscription that exists already is refused. */
  subscribe409: 0,
  /** An answer takes a second longer. */
  slow: 0,
  /** A GET of Xsi-Actions is answered 503, and nothing is done. */
  error503: 0,
  /** An error body is ISO-8859-1 instead of UTF-8. */
  latin1: 0,
};
export type Fault = keyof typeof NONE;

export class Faults {
  private probabilities = { ...NONE };
  private random = Math.random;

  strikes(fault: Fault): boolean {
    const probability = this.probabilities[fault];
    return probability > 0 && this.random() < probability;
  }

  get all(): Record<Fault, number> {
    return { ...this.probabilities };
  }

  /** Those that are not named stay as they are. `seed`: the same faults in the same order again. @throws Refused 400 */
  set(wanted: Record<string, unknown>): void {
    const { seed, ...faults } = wanted;
    for (const [name, probability] of Object.entries(faults)) {
      if (!(name in NONE) || typeof probability !== 'number' || !(probability >= 0 && probability <= 1)) {
        throw new Refused(400, '110011', `${name} is no fault with a probability from 0 to 1.`);
      }
    }
    this.probabilities = { ...this.probabilities, ...faults };
    if (typeof seed === 'number') this.random = seeded(seed);
  }

  clear(): void {
    this.probabilities = { ...NONE };
    this.random = Math.random;
  }
}

/** mulberry32: enough to repeat a run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
