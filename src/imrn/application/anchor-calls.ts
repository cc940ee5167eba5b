import type { Destination } from '../../calls/application/call-engine.js';
import type { User } from '../../directory/domain/user.js';

/** A mobile call that an IMRN has led here: it is a call of the user, who wants to reach the destination. */
export interface AnchoredCall {
  user: User;
  destination: Destination;
}

/** What an engine asks when a call to a number comes in (IMRN: 3GPP TS 23.206). */
export abstract class AnchorCalls {
  /**
   * Uses the lease of the number by the caller up: the number is free again.
   * @param calling E.164 or extension of whoever calls
   * @returns 'refused' for a number of a pool that is not leased to this caller; undefined for any other number
   * @throws StoreUnavailable
   */
  abstract claim(number: string, calling: string): Promise<AnchoredCall | 'refused' | undefined>;
}
