import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { migrate } from '../migrate.js';
import type { RowWrite } from '../row-writes.js';
import type { Schema } from '../schema.js';
import { compileReads, compileWrites, type ReadName } from '../statements.js';
import { GroupCommit } from './group-commit.js';
import { nodeSqliteDialect } from './node-sqlite-dialect.js';

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
    const database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000');
    const db = new Kysely<Schema>({ dialect: nodeSqliteDialect(database) });
    await migrate(db, 'sqlite');
    const reads = Object.fromEntries(
      Object.entries(compileReads(db)).map(([name, sql]) => [name, database.prepare(sql)]),
    ) as Record<ReadName, StatementSync>;
    return new SqliteStore(database, reads, new GroupCommit(path, compileWrites(db)));
  }

  one(read: ReadName, ...parameters: SQLInputValue[]): Record<string, unknown> | undefined {
    return this.reads[read].get(...parameters);
  }

  all(read: ReadName, ...parameters: SQLInputValue[]): Record<string, unknown>[] {
    return this.reads[read].all(...parameters);
  }

  write(writes: RowWrite[]): Promise<void> {
    return this.commits.write(writes);
  }

  async close(): Promise<void> {
    await this.commits.close();
    this.reader.close();
  }
}
