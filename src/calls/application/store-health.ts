/** Whether the store can be used now: what readiness asks, and whoever would rather refuse than wait. */
export abstract class StoreHealth {
  /** Cheap, and answered within about a second. @throws StoreUnavailable */
  abstract check(): Promise<void>;
}
