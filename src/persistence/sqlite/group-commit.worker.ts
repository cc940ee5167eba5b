import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * The one writer of the embedded store, in a thread of its own so that waiting for the disk stops nobody else.
 * A batch is one transaction; each change in it has a savepoint and fails alone.
 * This file has no import of ours, so that Node runs it from source as well as compiled.
 */
interface Batch {
  changes: { write: string; parameters: (string | number)[]; id?: string }[][];
}

/** Per change: null when it is on disk, else why not. */
export type BatchResult = ({ conflict: string } | { error: string } | null)[];

const { path, busyMs, sql } = workerData as { path: string; busyMs: number; sql: Record<string, string> };
const database = new DatabaseSync(path, { timeout: busyMs });
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
const statements = new Map<string, StatementSync>(
  Object.entries(sql).map(([name, text]) => [name, database.prepare(text)]),
);
const UNIQUE_VIOLATIONS = new Set([1555, 2067]);

function apply(change: Batch['changes'][number]): BatchResult[number] {
  database.exec('SAVEPOINT one_change');
  for (const { write, parameters, id } of change) {
    let written: number | bigint;
    try {
      written = statements.get(write)!.run(...parameters).changes;
    } catch (error) {
      database.exec('ROLLBACK TO one_change; RELEASE one_change');
      const { errcode, message } = error as { errcode?: number; message: string };
      return id !== undefined && UNIQUE_VIOLATIONS.has(errcode ?? 0) ? { conflict: id } : { error: message };
    }
    if (id !== undefined && Number(written) === 0) {
      database.exec('ROLLBACK TO one_change; RELEASE one_change');
      return { conflict: id };
    }
  }
  database.exec('RELEASE one_change');
  return null;
}

function commit({ changes }: Batch): BatchResult {
  try {
    database.exec('BEGIN IMMEDIATE');
    const results = changes.map(apply);
    database.exec('COMMIT');
    return results;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    return changes.map(() => ({ error: (error as Error).message }));
  }
}

parentPort!.on('message', (message: Batch | 'close') => {
  if (message === 'close') {
    database.close();
    parentPort!.close();
  } else {
    parentPort!.postMessage(commit(message));
  }
});
parentPort!.postMessage('ready');
