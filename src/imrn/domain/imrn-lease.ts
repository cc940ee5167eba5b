import { sameUser, type UserRef } from '../../directory/domain/user.js';

/** A call that a user is about to make from one of the own numbers. */
export interface ImrnPair {
  owner: UserRef;
  /** Who will call the leased number: E.164, or the extension of a user without number. */
  calling: string;
  /** Whom the call is for: E.164 or extension. */
  called: string;
}

/** The last lease of a number, running or not. Times in milliseconds since 1970. */
export interface ImrnLease extends ImrnPair {
  /** E.164 */
  number: string;
  leasedAt: number;
  /** The number is free again from then on; 0: the lease was used. */
  expiresAt: number;
}

/** A number that rested for so long counts as never leased. */
const REMEMBERED_MS = 86_400_000;

export function isRunning(lease: ImrnLease, now: number): boolean {
  return lease.expiresAt > now;
}

export function isFor(lease: ImrnLease, pair: ImrnPair): boolean {
  return lease.calling === pair.calling && lease.called === pair.called && sameUser(lease.owner, pair.owner);
}

/**
 * The number that the pair had last, which is its own until another pair gets it: whoever dials it late reaches the
 * one meant.
 */
export function formerNumber(
  pool: readonly string[],
  leases: readonly ImrnLease[],
  pair: ImrnPair,
): string | undefined {
  return leases.find((lease) => isFor(lease, pair) && pool.includes(lease.number))?.number;
}

/**
 * Of the free numbers the one that was never leased, or whose lease is longest ago, so that a late call by
 * a former lease hardly ever meets the next lease of its caller.
 */
export function longestAtRest(
  numbers: readonly string[],
  leases: readonly ImrnLease[],
  now: number,
): string | undefined {
  const lastOf = new Map(leases.map((lease) => [lease.number, lease]));
  const leasedAt = (number: string) => lastOf.get(number)?.leasedAt ?? 0;
  const free = numbers.filter((number) => {
    const lease = lastOf.get(number);
    return !lease || !isRunning(lease, now);
  });
  return free.toSorted((a, b) => leasedAt(a) - leasedAt(b))[0];
}

/** Whether the lease need not be kept: long over, or the pair's own of a number that left the pool. */
export function isForgettable(
  lease: ImrnLease,
  pool: readonly string[],
  pair: ImrnPair,
  now: number,
): boolean {
  const old = !isRunning(lease, now) && lease.leasedAt < now - REMEMBERED_MS;
  return old || (isFor(lease, pair) && !pool.includes(lease.number));
}
