import type { OutsideNumber, SwitchUser } from '../world.ts';
import type { Phone, Ring, Side } from './session.ts';

export type Does = OutsideNumber['does'];

/** A phone: of a user, or the one that an outside number rings. */
export class Device implements Phone {
  readonly addressOfRecord: string;
  /** Whose it is; an outside phone has a number instead. */
  readonly user: SwitchUser | undefined;
  behaviour: OutsideNumber;
  /** What rings on it now. */
  readonly rings = new Set<Ring>();
  /** The calls that it carries. Assumption: a phone has as many lines as are needed. */
  readonly sides = new Set<Side>();
  /** How often it has rung, and how many of its calls have ended, since the start. */
  rung = 0;
  ended = 0;
  private readonly initial: OutsideNumber;

  constructor(addressOfRecord: string, user: SwitchUser | undefined, initial: OutsideNumber) {
    this.addressOfRecord = addressOfRecord;
    this.user = user;
    this.initial = initial;
    this.behaviour = initial;
  }

  reset(): void {
    this.behaviour = this.initial;
  }

  take(side: Side): void {
    side.device = this;
    this.sides.add(side);
  }

  drop(side: Side): void {
    if (!this.sides.delete(side)) return;
    this.ended++;
    delete side.device;
  }
}
