import type { Target } from '../../../sip/stack.js';

/** Where a device can be reached, as it registered (RFC 3261 §10). */
export interface StoredBinding {
  addressOfRecord: string;
  /** URI of the Contact. */
  contact: string;
  /** Preference, 0 to 1. */
  q: number;
  /** `+sip.instance` (RFC 5626): the same phone on another port. */
  instance?: string;
  callId: string;
  cseq: number;
  /** Where the REGISTER came from. */
  target: Target;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** Keeps bindings over a restart. Written once per registration and refresh. */
export abstract class RegistrationStore {
  abstract load(): Promise<StoredBinding[]>;
  /** Inserts the binding or replaces that of the same address of record and contact. */
  abstract save(binding: StoredBinding): Promise<void>;
  abstract remove(addressOfRecord: string, contact: string): Promise<void>;
}
