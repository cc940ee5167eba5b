import { XsiRefused } from '../xsi/errors.js';
import type { EventRequests } from './event-requests.js';

const AT_ONCE = 8;
const ATTEMPTS = 3;
/** The switch sends again what is not acknowledged, or ends the channel. */
const MOST_WAITING = 10_000;

/** Tells the switch of each event that it has come, some at a time. */
export class Acknowledgements {
  private readonly waiting: string[] = [];
  private running = 0;

  constructor(private readonly requests: EventRequests) {}

  add(eventId: string): void {
    if (this.waiting.length >= MOST_WAITING) return;
    this.waiting.push(eventId);
    if (this.running < AT_ONCE) void this.work();
  }

  /** What waits is not told any more. */
  clear(): void {
    this.waiting.length = 0;
  }

  private async work(): Promise<void> {
    this.running++;
    for (let eventId = this.waiting.shift(); eventId !== undefined; eventId = this.waiting.shift())
      await this.acknowledge(eventId);
    this.running--;
  }

  private async acknowledge(eventId: string): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        return await this.requests.acknowledge(eventId);
      } catch (error) {
        if (error instanceof XsiRefused) return;
      }
    }
  }
}
