import { badAddress, Refused } from '../errors.ts';
import type { Destination, SwitchUser } from '../world.ts';
import type { CallSwitch } from './call-switch.ts';

interface Lease {
  user: SwitchUser;
  /** Who may use it, E.164. */
  calling: string;
  called: Destination;
  until: number;
}

/** Facts: IMRN, "Lifetime in BroadWorks is configurable from 0.1 to 60 s". */
const LIFETIME_MS = 60_000;

/** Numbers leased for a pair of a calling and a called party. Facts: IMRN. */
export class Imrns {
  private readonly leases = new Map<string, Lease>();
  private readonly calls: CallSwitch;

  constructor(calls: CallSwitch) {
    this.calls = calls;
  }

  /** @throws Refused 400, 409 */
  lease(user: SwitchUser, callingAddress: string, calledAddress: string): string {
    const { world } = this.calls;
    const calling = world.destination(user, callingAddress);
    const called = world.destination(user, calledAddress);
    if (!calling || !called) throw badAddress();
    const now = Date.now();
    const free = world.group(user).imrnPool?.find((imrn) => (this.leases.get(imrn)?.until ?? 0) <= now);
    // Assumption: a group without a free number is answered with an error.
    if (free === undefined) throw new Refused(409, '110017', 'No IMRN is free.');
    this.leases.set(free, { user, calling: calling.number, called, until: now + LIFETIME_MS });
    return free;
  }

  /** Facts: IMRN, "the server matches calling number and IMRN" and "Freed on use or timeout". */
  use(
    imrn: string,
    callingNumbers: (string | undefined)[],
  ): { user: SwitchUser; called: Destination } | undefined {
    const lease = this.leases.get(imrn);
    if (!lease || lease.until <= Date.now() || !callingNumbers.includes(lease.calling)) return undefined;
    this.leases.delete(imrn);
    return lease;
  }

  clear(): void {
    this.leases.clear();
  }
}
