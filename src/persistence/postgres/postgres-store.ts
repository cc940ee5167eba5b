import { setTimeout as delay } from 'node:timers/promises';
import { Kysely, PostgresDialect } from 'kysely';
import { DatabaseError, Pool, type QueryResult } from 'pg';
import { StoreUnavailable, VersionConflict } from '../../calls/application/call-repository.js';
import { KeyedQueue } from '../../calls/application/keyed-queue.js';
import { migrate } from '../migrate.js';
import type { RowWrite } from '../row-writes.js';
import type { Schema } from '../schema.js';
import { compileReads, compileWrites, type ReadName, type WriteName } from '../statements.js';
import { BatchWriter } from './batch-writer.js';

const READERS = 8;
const TIMEOUT_MS = 5_000;
const CHECK_MS = 1_000;
/** Nothing was written because of somebody else: a unique key that is taken, a deadlock. */
const CONFLICTS = new Set(['23505', '40001', '40P01']);

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
    return (await this.query(read, this.reads[read], parameters)).rows;
  }

  /**
   * Writes outside of calls, one statement each; those of the same key in their order.
   * @throws VersionConflict, StoreUnavailable
   */
  async write(key: string, { write, parameters, id }: RowWrite): Promise<void> {
    const { rowCount } = await this.inOrder.run([key], () =>
      this.query(write, this.writes[write], parameters, id),
    );
    if (id !== undefined && rowCount === 0) throw new VersionConflict(id);
  }

  /** Whether it can be written to and read from now; at most a second. @throws StoreUnavailable */
  async check(): Promise<void> {
    if (!this.changes.connected) throw new StoreUnavailable('no connection to the database');
    const late = delay(CHECK_MS, 'late', { ref: false });
    if ((await Promise.race([this.query('check', 'SELECT 1', []), late])) === 'late')
      throw new StoreUnavailable('no answer from the database');
  }

  async close(): Promise<void> {
    await this.changes.close();
    await this.pool.end();
  }

  private async query(
    name: string,
    text: string,
    values: unknown[],
    id?: string,
  ): Promise<QueryResult<Record<string, unknown>>> {
    try {
      return await this.pool.query<Record<string, unknown>>({ name, text, values });
    } catch (error) {
      if (id !== undefined && error instanceof DatabaseError && CONFLICTS.has(error.code ?? ''))
        throw new VersionConflict(id);
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
