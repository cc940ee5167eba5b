import { randomInt, randomUUID } from 'node:crypto';

const SEQUENCE_BITS = 22n;
let sequence = BigInt(randomInt(2 ** 22));

/**
 * `callhalf-<integer>:0`. The integer is the time in milliseconds and a sequence that starts at random in each
 * process, so ids differ over restarts and replicas; a clash would be refused by the store's primary key.
 */
export function newCallId(): string {
  sequence = BigInt.asUintN(Number(SEQUENCE_BITS), sequence + 1n);
  return `callhalf-${(BigInt(Date.now()) << SEQUENCE_BITS) | sequence}:0`;
}

export function newTrackingId(): string {
  return randomUUID();
}
