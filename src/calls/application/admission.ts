import { Injectable } from '@nestjs/common';
import { CallRefused } from '../domain/call-refused.js';

/** When whoever is refused may try again: by then another instance, or the next start, is there. */
export const COME_AGAIN_AFTER_SECONDS = 5;

/** Whether new calls are let in. A service that is about to stop lets none in and leads the others on. */
@Injectable()
export class Admission {
  private admits = true;

  get open(): boolean {
    return this.admits;
  }

  /** @throws CallRefused shuttingDown */
  mustBeOpen(): void {
    if (!this.admits) throw new CallRefused('shuttingDown');
  }

  /** For good: the process is going to end. */
  close(): void {
    this.admits = false;
  }
}
