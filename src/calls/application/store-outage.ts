import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { StoreHealth } from './store-health.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** A time in which the store is away: whoever has something to store waits here, and one looks for all. */
export class StoreOutage {
  private readonly logger = new Logger('Store');
  private readonly stopping = new AbortController();
  private began: number | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private look: Promise<void> | undefined;

  constructor(private readonly health: StoreHealth) {}

  /** Whether the last that is known of the store is that it is away. */
  get on(): boolean {
    return this.began !== undefined;
  }

  notice(reason: Error): void {
    if (this.on) return;
    this.began = performance.now();
    this.logger.warn(`The store is away, what happens meanwhile is kept: ${reason.message}`);
  }

  /** Resolves when another attempt is worth it, after a pause in any case. Once given up: never. */
  wait(): Promise<void> {
    this.look ??= this.lookUntilThere().finally(() => {
      this.look = undefined;
    });
    return this.look;
  }

  /** Something was stored. */
  over(): void {
    if (this.began === undefined) return;
    const seconds = ((performance.now() - this.began) / 1_000).toFixed(1);
    this.logger.warn(`The store is back after ${seconds} s`);
    this.began = undefined;
    this.pauseMs = FIRST_PAUSE_MS;
  }

  /** Whoever waits is never woken: the process stops. */
  giveUp(): void {
    this.stopping.abort();
  }

  private async lookUntilThere(): Promise<void> {
    for (;;) {
      await this.pause();
      try {
        return await this.health.check();
      } catch {
        // Looked for again after a longer pause.
      }
    }
  }

  /** Up to half longer or shorter, so that the replicas do not come together. */
  private async pause(): Promise<void> {
    const ms = this.pauseMs * (0.5 + Math.random());
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
    await delay(Math.min(ms, LONGEST_PAUSE_MS), undefined, {
      ref: false,
      signal: this.stopping.signal,
    }).catch(() => new Promise(() => undefined));
  }
}
