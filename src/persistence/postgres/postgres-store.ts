import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { StoreUnavailable } from '../../calls/application/call-repository.js';
import { KeyedQueue } from '../../calls/application/keyed-queue.js';
import { migrate } from '../migrate.js';
import type { RowWrite } from '../row-writes.js';
import type { Schema } from '../schema.js';
import { compileReads, compileWrites, type ReadName, type WriteName } from '../statements.js';
import { BatchWriter } from './batch-writer.js';

const READERS = 8;
const TIMEOUT_MS = 5_000;

/** PostgreSQL: a pool for reads, with named prepared statements, and the batch writer. */
export class PostgresStore {
  private readonly inOrder = new KeyedQueue();

  private constructor(
    private readonly pool: Pool,
    private readonly reads: Record<ReadName, string>,
    private readonly writes: Record<WriteName, string>,
    readonly changes: BatchWriter,
  ) {}

  /**
   * @param url `postgres://…`
   * @param timeoutMs after which the database counts as unavailable
   */
  static async open(url: string, timeoutMs = TIMEOUT_MS): Promise<PostgresStore> {
    await migrateAt(url, timeoutMs);
    const changes = new BatchWriter({ connectionString: url }, timeoutMs);
    await changes.open();
    const pool = new Pool({
      connectionString: url,
      max: READERS,
      keepAlive: true,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
    });
    // A lost idle connection is replaced at its next use.
    pool.on('error', () => undefined);
    const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    return new PostgresStore(pool, compileReads(db), compileWrites(db), changes);
  }

  /** @throws StoreUnavailable */
  async all(read: ReadName, ...parameters: unknown[]): Promise<Record<string, unknown>[]> {
    return this.query(read, this.reads[read], parameters);
  }

  /** Writes outside of calls, one statement each; those of the same key in their order. @throws StoreUnavailable */
  async write(key: string, { write, parameters }: RowWrite): Promise<void> {
    await this.inOrder.run(key, () => this.query(write, this.writes[write], parameters));
  }

  async close(): Promise<void> {
    await this.changes.close();
    await this.pool.end();
  }

  private async query(name: string, text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
    try {
      return (await this.pool.query<Record<string, unknown>>({ name, text, values })).rows;
    } catch (error) {
      throw new StoreUnavailable((error as Error).message);
    }
  }
}

/** On a connection of its own without a limit: another replica may be at it, and a large table takes its time. */
async function migrateAt(url: string, connectionTimeoutMillis: number): Promise<void> {
  const pool = new Pool({ connectionString: url, max: 2, connectionTimeoutMillis });
  pool.on('error', () => undefined);
  try {
    await migrate(new Kysely({ dialect: new PostgresDialect({ pool }) }), 'postgres');
  } finally {
    await pool.end();
  }
}
