import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { StoreUnavailable } from '../../calls/application/call-repository.js';
import { migrate } from '../migrate.js';
import type { RowWrite } from '../row-writes.js';
import type { Schema } from '../schema.js';
import { compileReads, compileWrites, type ReadName, type WriteName } from '../statements.js';
import { BatchWriter } from './batch-writer.js';

const READERS = 8;
const TIMEOUT_MS = 5_000;

/** PostgreSQL: a pool for reads, with named prepared statements, and the batch writer. */
export class PostgresStore {
  private constructor(
    private readonly pool: Pool,
    private readonly reads: Record<ReadName, string>,
    private readonly writes: Record<WriteName, string>,
    readonly changes: BatchWriter,
  ) {}

  /** @param url `postgres://…` */
  static async open(url: string): Promise<PostgresStore> {
    const pool = new Pool({
      connectionString: url,
      max: READERS,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    });
    // A lost idle connection is replaced at its next use.
    pool.on('error', () => undefined);
    const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    await migrate(db, 'postgres');
    const changes = new BatchWriter({ connectionString: url });
    await changes.open();
    return new PostgresStore(pool, compileReads(db), compileWrites(db), changes);
  }

  /** @throws StoreUnavailable */
  async all(read: ReadName, ...parameters: unknown[]): Promise<Record<string, unknown>[]> {
    return this.query(read, this.reads[read], parameters);
  }

  /** Writes outside of calls, one statement each. @throws StoreUnavailable */
  async write({ write, parameters }: RowWrite): Promise<void> {
    await this.query(write, this.writes[write], parameters);
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
