import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { StoreUnavailable, VersionConflict } from '../../calls/application/call-repository.js';
import type { RowWrite } from '../row-writes.js';
import type { WriteName } from '../statements.js';
import type { BatchResult } from './group-commit.worker.js';

/** Saves that may wait for the disk; above it the store says so instead of growing. */
const MAX_WAITING = 50_000;

interface Waiting {
  writes: RowWrite[];
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Group commit: what arrives while a commit is under way goes together into the next one, and each caller is
 * answered when its own change is on disk.
 */
export class GroupCommit {
  private readonly worker: Worker;
  private waiting: Waiting[] = [];
  private underWay: Waiting[] = [];
  private closing: (() => void) | undefined;
  private dead: Error | undefined;
  private readonly exited: Promise<void>;

  /** @param busyMs how long another process may hold the file */
  constructor(path: string, busyMs: number, sql: Record<WriteName, string>) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.worker = new Worker(new URL(`./group-commit.worker.${extension}`, import.meta.url), {
      workerData: { path, busyMs, sql },
    });
    this.worker.on('error', (error) => this.fail(error));
    this.exited = new Promise((resolve) => {
      this.worker.on('exit', () => {
        this.fail(new Error('the writer of the embedded store has ended'));
        resolve();
      });
    });
  }

  /** Resolves when the writer can write. @throws Error that says why it cannot */
  async open(): Promise<void> {
    await once(this.worker, 'message');
    this.worker.on('message', (results: BatchResult) => this.settle(results));
  }

  /** @throws StoreUnavailable when nothing can be written any more */
  check(): void {
    if (this.dead || this.closing) throw new StoreUnavailable(this.dead?.message ?? 'closing');
  }

  /** Resolves when the writes are on disk, all or none. @throws VersionConflict, StoreUnavailable */
  async write(writes: RowWrite[]): Promise<void> {
    this.check();
    if (this.waiting.length >= MAX_WAITING) throw new StoreUnavailable('too many saves are waiting');
    await new Promise<void>((resolve, reject) => {
      this.waiting.push({ writes, resolve, reject });
      if (this.underWay.length === 0 && this.waiting.length === 1) queueMicrotask(() => this.next());
    });
  }

  /** Writes what waits, then closes the database. */
  async close(): Promise<void> {
    if (!this.dead && !this.closing) {
      await new Promise<void>((resolve) => {
        this.closing = resolve;
        this.next();
      });
      this.dead ??= new Error('closed');
      this.worker.postMessage('close');
    }
    await this.exited;
  }

  private next(): void {
    if (this.underWay.length > 0) return;
    if (this.waiting.length === 0) return this.closing?.();
    this.underWay = this.waiting;
    this.waiting = [];
    this.worker.postMessage({ changes: this.underWay.map(({ writes }) => writes) });
  }

  private settle(results: BatchResult): void {
    const batch = this.underWay;
    this.underWay = [];
    this.next();
    for (const [index, { resolve, reject }] of batch.entries()) {
      const result = results[index];
      if (!result) resolve();
      else if ('conflict' in result) reject(new VersionConflict(result.conflict));
      else reject(new StoreUnavailable(result.error));
    }
  }

  private fail(error: Error): void {
    this.dead ??= error;
    for (const { reject } of this.underWay.splice(0)) reject(new StoreUnavailable(error.message, true));
    for (const { reject } of this.waiting.splice(0)) reject(new StoreUnavailable(error.message));
    this.closing?.();
  }
}
