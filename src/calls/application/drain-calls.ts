import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Admission } from './admission.js';
import { CallJournal } from './call-journal.js';

/** What a service that is about to stop leaves to those who use it. Milliseconds. */
export interface Grace {
  /** It goes on for so long at least: others find out meanwhile that it is not ready any more. */
  delayMs: number;
  /** Running calls may go on for so long. */
  timeoutMs: number;
}

const LOOK_EVERY_MS = 100;

/** Lets no new calls in, and waits for the running ones to end. */
@Injectable()
export class DrainCalls {
  constructor(
    private readonly admission: Admission,
    private readonly journal: CallJournal,
  ) {}

  /** Calls that have not ended, or whose end is not stored yet. */
  get running(): number {
    return this.journal.ongoing;
  }

  /** Resolves when the last call's end is stored or the time is over. Without grace: at once. */
  async run(grace?: Grace): Promise<void> {
    this.admission.close();
    if (!grace) return;
    const from = performance.now();
    for (;;) {
      const passedMs = performance.now() - from;
      const leftMs = Math.max(grace.delayMs, grace.timeoutMs) - passedMs;
      if (leftMs <= 0 || (passedMs >= grace.delayMs && !this.journal.busy)) return;
      await delay(Math.min(LOOK_EVERY_MS, leftMs));
    }
  }
}
