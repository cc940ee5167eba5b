/** Which process holds the event channel of a cluster, until when. */
export interface ChannelLease {
  /** Id of the cluster. */
  cluster: string;
  /** Names the process: another one each time it starts. */
  holder: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** Whether what is stored of the cluster's calls is what its switch says. */
  inStep: boolean;
}

/**
 * The last lease of each cluster, shared by all replicas, so that one of them at a time listens to a switch. The clocks
 * of replicas agree to within a fraction of the lease. Every adapter passes `test/contracts/channel-leases.contract.ts`.
 */
export abstract class ChannelLeases {
  /**
   * Takes a lease that nobody has or that is over at `now`, or renews the holder's own, also one that is over. Survives
   * the process; need not survive a power cut.
   * @returns false, and nothing is written, while another holder has it: of several at once one wins
   * @throws StoreUnavailable: whether it was written is not known
   */
  abstract take(lease: ChannelLease, now: number): Promise<boolean>;
  /** Also a lease that is over. @throws StoreUnavailable */
  abstract find(cluster: string): Promise<ChannelLease | undefined>;
  /** Removes the lease, unless another holder has it by now. @throws StoreUnavailable */
  abstract giveBack(cluster: string, holder: string): Promise<void>;
}
