import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { StoreUnavailable } from '../../calls/application/call-repository.js';
import { migrate } from '../migrate.js';
import type { RowWrite } from '../row-writes.js';
import type { Schema } from '../schema.js';
import { compileReads, compileWrites, type ReadName, type WriteName } from '../statements.js';
import { GroupCommit } from './group-commit.js';
import { nodeSqliteDialect } from './node-sqlite-dialect.js';

/** How long another process may hold the file. */
const BUSY_MS = 5_000;

/** The embedded database: one file, one writer thread, reads in place with prepared statements. */
export class SqliteStore {
  private readonly commits: GroupCommit;
  private readonly begin: StatementSync;
  private readonly end: StatementSync;
  private snapshot = false;

  private constructor(
    private readonly reader: DatabaseSync,
    private readonly reads: Record<ReadName, StatementSync>,
    path: string,
    writes: Record<WriteName, string>,
  ) {
    this.begin = reader.prepare('BEGIN');
    this.end = reader.prepare('COMMIT');
    this.commits = new GroupCommit(path, BUSY_MS, writes, () => this.endSnapshot());
  }

  /** Opens `calls.sqlite` in the folder, which is made if needed. */
  static async open(folder: string): Promise<SqliteStore> {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'calls.sqlite');
    const database = new DatabaseSync(path, { timeout: BUSY_MS });
    const db = new Kysely<Schema>({ dialect: nodeSqliteDialect(database) });
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE');
      await migrate(db, 'sqlite');
      database.exec('COMMIT');
    } catch (error) {
      database.close();
      throw error;
    }
    const reads = Object.fromEntries(
      Object.entries(compileReads(db)).map(([name, sql]) => [name, database.prepare(sql)]),
    ) as Record<ReadName, StatementSync>;
    const store = new SqliteStore(database, reads, path, compileWrites(db));
    await store.commits.open();
    return store;
  }

  /** @throws StoreUnavailable */
  one(read: ReadName, ...parameters: SQLInputValue[]): Record<string, unknown> | undefined {
    try {
      this.takeSnapshot();
      return this.reads[read].get(...parameters);
    } catch (error) {
      throw new StoreUnavailable((error as Error).message);
    }
  }

  /** @throws StoreUnavailable */
  all(read: ReadName, ...parameters: SQLInputValue[]): Record<string, unknown>[] {
    try {
      this.takeSnapshot();
      return this.reads[read].all(...parameters);
    } catch (error) {
      throw new StoreUnavailable((error as Error).message);
    }
  }

  /** All or none; resolves when they are on disk. @throws VersionConflict, StoreUnavailable */
  write(writes: RowWrite[]): Promise<void> {
    return this.commits.write(writes);
  }

  async close(): Promise<void> {
    await this.commits.close();
    this.endSnapshot();
    this.reader.close();
  }

  /**
   * The reads of one turn of the event loop share a transaction, since the lock on the file costs more than a read.
   * A commit of ours ends it at once, so that a read after an answered save sees it.
   */
  private takeSnapshot(): void {
    if (this.snapshot) return;
    this.begin.run();
    this.snapshot = true;
    setImmediate(() => this.endSnapshot());
  }

  private endSnapshot(): void {
    if (!this.snapshot) return;
    this.snapshot = false;
    this.end.run();
  }
}
