/** After this number comes 1. */
const LAST = 2_147_483_647;
/** Of one subscription: how many numbers are remembered, seen or missing. */
const REMEMBERED = 32;

/**
 * - `next`: in order
 * - `gap`: it is new, and others before it have not come, or the switch has begun to count anew
 * - `old`: seen before, or overtaken by a newer one
 */
export type Place = 'next' | 'gap' | 'old';

/** The numbers of the events of one subscription. */
export class SequenceCheck {
  private last: number | undefined;
  /** The last ones seen, by number, with the event's id. */
  private readonly seen = new Map<number, string>();
  /** Numbers that a newer event has overtaken. */
  private readonly missing = new Set<number>();

  /** Where an event stands among those before it, which it then belongs to. The first can only be next. */
  place(number: number, eventId: string): Place {
    const { last } = this;
    if (last === undefined || number === next(last)) return this.take(number, eventId, 'next');
    if (this.seen.get(number) === eventId) return 'old';
    if (this.missing.delete(number)) {
      this.remember(number, eventId);
      return 'old';
    }
    // A number that comes again on another event is not a repetition: then the switch counts anew.
    const skipped = distance(next(last), number);
    if (skipped < LAST / 2) this.miss(number, skipped);
    else this.missing.clear();
    return this.take(number, eventId, 'gap');
  }

  private take(number: number, eventId: string, place: Place): Place {
    this.last = number;
    this.remember(number, eventId);
    return place;
  }

  private remember(number: number, eventId: string): void {
    this.seen.delete(number);
    this.seen.set(number, eventId);
    forgetOldest(this.seen);
  }

  /** The last ones of so many numbers before this one. */
  private miss(before: number, count: number): void {
    let number = before;
    for (let left = Math.min(count, REMEMBERED); left > 0; left--) {
      number = previous(number);
      this.missing.add(number);
    }
    forgetOldest(this.missing);
  }
}

const next = (number: number) => (number >= LAST ? 1 : number + 1);

const previous = (number: number) => (number <= 1 ? LAST : number - 1);

/** How many steps forward lead from one number to the other. */
const distance = (from: number, to: number) => (to - from + LAST) % LAST;

function forgetOldest(numbers: Map<number, unknown> | Set<number>): void {
  for (const number of numbers.keys()) {
    if (numbers.size <= REMEMBERED) return;
    numbers.delete(number);
  }
}
