import type { SeenCall } from '../xsi/seen-call.js';

/** Whoever is told what the switch of a cluster says. Nothing is told after the channel has stopped. */
export interface ChannelListener {
  /**
   * @param type the switch's own name of it, such as `CallAnsweredEvent`
   * @param reason why a recording was stopped, where the switch says so
   */
  event(switchUserId: string, type: string, call: SeenCall | undefined, reason?: string): void;
  /** All calls of the user as they are now. */
  snapshot(switchUserId: string, calls: SeenCall[]): void;
  /**
   * Events of the user may be missing: the switch has to be asked. Resolves when it has been asked since, or could not
   * be; never rejects.
   */
  doubt(switchUserId: string): Promise<void>;
  /** The same for all users: the channel was away. */
  doubtAll(): Promise<void>;
  /**
   * Whether the channel is open, each user is subscribed to, and what may have been missed has been asked for. Told when
   * it changes; at first it is not.
   */
  inStep(yes: boolean): void;
}
