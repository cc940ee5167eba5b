import { ConfigError, loadConfig } from '../config/config.js';
import { PostgresStore } from './postgres/postgres-store.js';
import { SqliteStore } from './sqlite/sqlite-store.js';

/** How long a database may take to let the connection in. */
const CONNECT_MS = 10_000;

/** Brings the schema up to date and ends, as the start of the service does. Safe to run twice, also at once. */
async function migrateStore(env: NodeJS.ProcessEnv): Promise<string> {
  const { databaseUrl, dataDir } = loadConfig(env);
  const store = databaseUrl
    ? await PostgresStore.open(databaseUrl, CONNECT_MS)
    : await SqliteStore.open(dataDir);
  await store.close();
  return databaseUrl ? `PostgreSQL at ${new URL(databaseUrl).host}` : `The embedded store in ${dataDir}`;
}

try {
  process.stdout.write(`${await migrateStore(process.env)} is up to date.\n`);
} catch (error) {
  const reason =
    error instanceof ConfigError ? error.message : `The store cannot be migrated: ${String(error)}`;
  process.stderr.write(`${reason.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  process.exitCode = 1;
}
