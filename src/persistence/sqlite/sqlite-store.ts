import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { StoreUnavailable } from '../../calls/application/call-repository.js';
import { migrate } from '../migrate.js';
import type { RowWrite } from '../row-writes.js';
import type { Schema } from '../schema.js';
import { compileReads, compileWrites, type ReadName } from '../statements.js';
import { GroupCommit } from './group-commit.js';
import { nodeSqliteDialect } from './node-sqlite-dialect.js';

/** How long another process may hold the file. */
const BUSY_MS = 5_000;

/** The embedded database: one file, one writer thread, reads in place with prepared statements. */
export class SqliteStore {
  private constructor(
    private readonly reader: DatabaseSync,
    private readonly reads: Record<ReadName, StatementSync>,
    private readonly commits: GroupCommit,
  ) {}

  /** Opens `calls.sqlite` in the folder, which is made if needed. */
  static async open(folder: string): Promise<SqliteStore> {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'calls.sqlite');
    // Phone numbers are in it, and in the files that SQLite puts beside it with the same mode.
    closeSync(openSync(path, 'a', 0o600));
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
    const commits = new GroupCommit(path, BUSY_MS, compileWrites(db));
    await commits.open();
    return new SqliteStore(database, reads, commits);
  }

  /** @throws StoreUnavailable */
  one(read: ReadName, ...parameters: SQLInputValue[]): Record<string, unknown> | undefined {
    try {
      return this.reads[read].get(...parameters);
    } catch (error) {
      throw new StoreUnavailable((error as Error).message);
    }
  }

  /** @throws StoreUnavailable */
  all(read: ReadName, ...parameters: SQLInputValue[]): Record<string, unknown>[] {
    try {
      return this.reads[read].all(...parameters);
    } catch (error) {
      throw new StoreUnavailable((error as Error).message);
    }
  }

  /** All or none; resolves when they are on disk. @throws VersionConflict, StoreUnavailable */
  write(writes: RowWrite[]): Promise<void> {
    return this.commits.write(writes);
  }

  /** Whether it can be written to and read from. @throws StoreUnavailable */
  check(): void {
    this.commits.check();
    this.one('findSession', '');
  }

  async close(): Promise<void> {
    await this.commits.close();
    this.reader.close();
  }
}
