import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientConfig, DatabaseError } from 'pg';
import {
  type CallChange,
  StoreUnavailable,
  VersionConflict,
} from '../../calls/application/call-repository.js';
import { BATCH_STATEMENT, batchParameters, keysOf } from './batch-statement.js';

const CONNECTIONS = 4;
const MAX_BATCH = 64;
/** Saves that may wait; above it the store says so instead of growing. */
const MAX_WAITING = 50_000;
const RECONNECT_MS = 500;
const STATEMENT_TIMEOUT_MS = 10_000;
const UNIQUE_VIOLATION = '23505';

interface Waiting {
  change: CallChange;
  keys: string[];
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
  private readonly idle: Client[] = [];
  private readonly clients = new Set<Client>();
  private scheduled = false;
  private closed = false;
  private drained: (() => void) | undefined;
  private inFlight = 0;

  constructor(private readonly config: ClientConfig) {}

  async open(): Promise<void> {
    await Promise.all(Array.from({ length: CONNECTIONS }, () => this.connect()));
  }

  /** @throws VersionConflict, StoreUnavailable */
  write(change: CallChange): Promise<void> {
    if (this.closed) return Promise.reject(new StoreUnavailable('closing'));
    if (this.clients.size === 0) return Promise.reject(new StoreUnavailable('no connection to the database'));
    if (this.waiting.length >= MAX_WAITING)
      return Promise.reject(new StoreUnavailable('too many saves are waiting'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ change, keys: keysOf(change), resolve, reject });
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
    await Promise.all([...this.clients].map((client) => client.end()));
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
    while (this.idle.length > 0) {
      const batch = this.takeBatch();
      if (batch.length === 0) break;
      const client = this.idle.pop() as Client;
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
      if (this.clients.has(client)) this.idle.push(client);
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

  /** A statement that the database refused wrote nothing: its changes are tried one by one, so that one fails alone. */
  private async fail(client: Client, batch: Waiting[], error: Error): Promise<void> {
    if (!(error instanceof DatabaseError) || !this.clients.has(client)) {
      for (const { reject } of batch) reject(new StoreUnavailable(error.message));
    } else if (batch.length > 1) {
      for (const item of batch) await this.writeBatch(client, [item]);
    } else {
      const [item] = batch as [Waiting];
      const conflict = error.code === UNIQUE_VIOLATION;
      item.reject(conflict ? new VersionConflict(item.keys[0] ?? '') : new StoreUnavailable(error.message));
    }
  }

  private async connect(): Promise<void> {
    const client = new Client({
      ...this.config,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      // The plan is made once, while the tables may be empty: it must use the indexes of full ones.
      options: '-c synchronous_commit=on -c plan_cache_mode=force_generic_plan -c enable_seqscan=off',
    });
    client.on('error', () => this.lose(client));
    client.on('end', () => this.lose(client));
    await client.connect();
    this.clients.add(client);
    this.idle.push(client);
    this.schedule();
  }

  private lose(client: Client): void {
    if (!this.clients.delete(client)) return;
    const index = this.idle.indexOf(client);
    if (index >= 0) this.idle.splice(index, 1);
    if (this.closed) return;
    void this.reconnect();
    if (this.clients.size === 0) {
      for (const { reject } of this.waiting.splice(0)) reject(new StoreUnavailable('the database is gone'));
    }
  }

  private async reconnect(): Promise<void> {
    while (!this.closed) {
      await delay(RECONNECT_MS, undefined, { ref: false });
      try {
        return await this.connect();
      } catch {
        // Tried again until the service stops.
      }
    }
  }
}
