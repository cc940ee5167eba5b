import { type Client, type ClientConfig, DatabaseError } from 'pg';
import {
  type CallChange,
  StoreUnavailable,
  VersionConflict,
} from '../../calls/application/call-repository.js';
import { BATCH_STATEMENT, batchParameters, keysOf } from './batch-statement.js';
import { WriterConnections } from './writer-connections.js';

const CONNECTIONS = 4;
const MAX_BATCH = 64;
/** Saves that may wait; above it the store says so instead of growing. */
const MAX_WAITING = 50_000;
/** How often a batch is written when the database rolls it back for a reason that may be gone the next time. */
const MAX_ATTEMPTS = 3;
const GONE = 'no connection to the database';
const UNIQUE_VIOLATION = '23505';
/** Nothing was written and the same may work: a deadlock, somebody who was faster, the end of the connection. */
const WORTH_ANOTHER_ATTEMPT = new Set([UNIQUE_VIOLATION, '40001', '40P01', '57P01']);
/** The server went down at once, perhaps between the commit and its answer. */
const CRASH = '57P02';
/** The classes of errors that say something of the server, not of a change (PostgreSQL, appendix A). */
const SERVER_IN_TROUBLE = /^(08|53|57|58|XX)/;

interface Waiting {
  change: CallChange;
  keys: string[];
  attempts: number;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Group commit over PostgreSQL: a few connections, each with one batch under way; what arrives meanwhile goes into
 * the next. Changes of the same call or session go one after the other.
 */
export class BatchWriter {
  private waiting: Waiting[] = [];
  private readonly busyKeys = new Set<string>();
  private readonly connections: WriterConnections;
  private scheduled = false;
  private closed = false;
  private drained: (() => void) | undefined;
  private inFlight = 0;

  constructor(config: ClientConfig, timeoutMs: number) {
    this.connections = new WriterConnections(config, timeoutMs, () => this.schedule());
  }

  /** @throws Error when the database cannot be reached */
  async open(): Promise<void> {
    await this.connections.open(CONNECTIONS);
  }

  get connected(): boolean {
    return this.connections.count > 0;
  }

  /** @throws VersionConflict, StoreUnavailable */
  write(change: CallChange): Promise<void> {
    if (this.closed) return Promise.reject(new StoreUnavailable('closing'));
    if (!this.connected) return Promise.reject(new StoreUnavailable(GONE));
    if (this.waiting.length >= MAX_WAITING)
      return Promise.reject(new StoreUnavailable('too many saves are waiting'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ change, keys: keysOf(change), attempts: 0, resolve, reject });
      this.schedule();
    });
  }

  /** Writes what waits, then closes the connections. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (this.waiting.length > 0 || this.inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.drained = resolve;
        this.schedule();
      });
    }
    await this.connections.close();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    // A turn of the event loop collects what its callbacks save.
    setImmediate(() => {
      this.scheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    if (!this.connected) {
      for (const { reject } of this.waiting.splice(0)) reject(new StoreUnavailable(GONE));
    }
    while (this.waiting.length > 0) {
      const client = this.connections.take();
      if (!client) break;
      const batch = this.takeBatch();
      if (batch.length === 0) {
        this.connections.giveBack(client);
        break;
      }
      this.inFlight++;
      void this.run(client, batch);
    }
    if (this.inFlight === 0 && this.waiting.length === 0) this.drained?.();
  }

  /** The longest waiting changes that touch nothing which is under way, and keep the order of each call. */
  private takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    const blocked = new Set<string>();
    for (const [index, item] of this.waiting.entries()) {
      if (batch.length === MAX_BATCH) {
        left.push(...this.waiting.slice(index));
        break;
      }
      const free = item.keys.every((key) => !this.busyKeys.has(key) && !blocked.has(key));
      if (free) {
        batch.push(item);
        for (const key of item.keys) this.busyKeys.add(key);
      } else {
        left.push(item);
        for (const key of item.keys) blocked.add(key);
      }
    }
    this.waiting = left;
    return batch;
  }

  private async run(client: Client, batch: Waiting[]): Promise<void> {
    try {
      await this.writeBatch(client, batch);
    } finally {
      for (const { keys } of batch) for (const key of keys) this.busyKeys.delete(key);
      this.inFlight--;
      this.connections.giveBack(client);
      this.pump();
    }
  }

  private async writeBatch(client: Client, batch: Waiting[]): Promise<void> {
    try {
      const values = batchParameters(batch.map(({ change }) => change));
      const { rows } = await client.query<{ change: number; id: string }>({
        name: 'write-changes',
        text: BATCH_STATEMENT,
        values,
      });
      const refused = new Map(rows.map(({ change, id }) => [change, id]));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const id = refused.get(index);
        if (id === undefined) resolve();
        else reject(new VersionConflict(id));
      }
    } catch (error) {
      await this.fail(client, batch, error as Error);
    }
  }

  /** A statement that the database refused wrote nothing: at last its changes go one by one, so that one fails alone. */
  private async fail(client: Client, batch: Waiting[], error: Error): Promise<void> {
    const code = error instanceof DatabaseError ? error.code : undefined;
    if (code === undefined || code.startsWith('57P')) this.connections.drop(client);
    if (code !== undefined && WORTH_ANOTHER_ATTEMPT.has(code) && batch.every(attemptsLeft)) {
      this.waiting.unshift(...batch);
    } else if (code === undefined || SERVER_IN_TROUBLE.test(code)) {
      const maybeWritten = code === undefined || code === CRASH;
      for (const { reject } of batch) reject(new StoreUnavailable(error.message, maybeWritten));
    } else if (batch.length > 1) {
      for (const item of batch) await this.writeBatch(client, [item]);
    } else {
      const [item] = batch as [Waiting];
      const conflict = code === UNIQUE_VIOLATION;
      item.reject(conflict ? new VersionConflict(item.keys[0] ?? '') : new StoreUnavailable(error.message));
    }
  }
}

function attemptsLeft(item: Waiting): boolean {
  item.attempts++;
  return item.attempts < MAX_ATTEMPTS;
}
