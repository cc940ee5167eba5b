/** How patient the channel of a cluster is. */
export interface ChannelTiming {
  /** Life of a channel without heartbeat that is asked for, seconds. */
  channelExpiresSeconds: number;
  /** Life of a subscription that is asked for, seconds. */
  subscriptionExpiresSeconds: number;
  longestHeartbeatMs: number;
  /** How long the switch may take to answer that a channel is open. */
  openTimeoutMs: number;
  /** How long the calls of a new subscription are waited for. */
  snapshotWaitMs: number;
  /** Until the next attempt after a failure; doubles with each. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** A channel that has lived for so long is good: after it pauses begin anew. */
  settledMs: number;
  /** Until a user whose subscription was refused is subscribed to again, and asked for meanwhile. */
  refusedPauseMs: number;
}

export const CHANNEL_TIMING: ChannelTiming = {
  channelExpiresSeconds: 60,
  subscriptionExpiresSeconds: 3_600,
  longestHeartbeatMs: 15_000,
  openTimeoutMs: 10_000,
  snapshotWaitMs: 5_000,
  firstPauseMs: 200,
  longestPauseMs: 5_000,
  settledMs: 1_000,
  refusedPauseMs: 30_000,
};
