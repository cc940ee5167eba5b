import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { CallRepository } from '../../calls/application/call-repository.js';
import type { Accounts } from './accounts.js';
import type { SyncCalls } from './sync-calls.js';

/** How long a stored call may be wrong because the last event of its user was lost: no later number shows the gap. */
const ROUND_MS = 5 * 60_000;

/** Asks the switch for everybody with a stored call, once a round, one after the other. */
export class LookAgain {
  private readonly logger = new Logger(LookAgain.name);
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly repository: CallRepository,
    private readonly accounts: Accounts,
    private readonly sync: SyncCalls,
    /** Whether it is for this process to ask the cluster. */
    private readonly holds: (cluster: string) => boolean,
    private readonly roundMs = ROUND_MS,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.pause(this.roundMs / 2);
      await this.round().catch((error: unknown) => {
        if (!signal.aborted) this.logger.warn(`Stored calls are not looked at: ${String(error)}`);
      });
    }
  }

  private async round(): Promise<void> {
    const { calls } = await this.repository.loadOngoing();
    const owners = new Map(calls.map(({ owner }) => [JSON.stringify(owner), owner]));
    for (const ref of owners.values()) {
      const owner = this.accounts.of(ref);
      if (owner && this.holds(owner.account.cluster)) void this.sync.of(owner).doubt();
      await this.pause(this.roundMs / 2 / owners.size);
      if (this.stopping.signal.aborted) return;
    }
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { ref: false, signal: this.stopping.signal }).catch(() => undefined);
  }
}
