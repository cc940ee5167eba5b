import { setTimeout as delay } from 'node:timers/promises';
import { XsiRefused } from '../xsi/errors.js';
import type { EventRequests } from './event-requests.js';

/** A channel that is granted no more than a moment is not asked for all the time. */
const SHORTEST_MS = 50;

/** Keeps a channel alive: tells the switch at half of the channel's life, often enough, that somebody listens. */
export class Heartbeat {
  private readonly stopping = new AbortController();

  /** @param dead told once, when the switch does not know the channel or could not be told for the channel's life */
  constructor(
    private readonly requests: EventRequests,
    private readonly channelId: string,
    private readonly lifeMs: number,
    private readonly longestMs: number,
    private readonly dead: (reason: Error) => void,
  ) {
    void this.beat();
  }

  stop(): void {
    this.stopping.abort();
  }

  private async beat(): Promise<void> {
    const { signal } = this.stopping;
    const usual = Math.max(SHORTEST_MS, Math.min(this.lifeMs / 2, this.longestMs));
    // After one that came to nothing there is time for some more before the channel expires.
    const again = Math.max(SHORTEST_MS, usual / 4);
    let heard = performance.now();
    let pause = usual;
    for (;;) {
      await delay(pause, undefined, { ref: false, signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const asked = performance.now();
        await this.requests.heartbeat(this.channelId);
        heard = asked;
        pause = usual;
      } catch (error) {
        if (signal.aborted) return;
        const over = performance.now() - heard >= this.lifeMs;
        if (error instanceof XsiRefused || over) return this.dead(error as Error);
        pause = again;
      }
    }
  }
}
