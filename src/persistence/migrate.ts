import { type Kysely, Migrator } from 'kysely';
import { callsMigration } from './migrations/0001-calls.js';
import { imrnLeasesMigration } from './migrations/0002-imrn-leases.js';
import { channelLeasesMigration } from './migrations/0003-channel-leases.js';
import type { DatabaseKind } from './schema.js';

/**
 * Brings the schema up to date. Safe when several processes start at once: with PostgreSQL the migrator holds a lock;
 * with SQLite, where it has none, the caller holds a transaction.
 */
export async function migrate<T>(db: Kysely<T>, kind: DatabaseKind): Promise<void> {
  const migrator = new Migrator({
    db,
    disableTransactions: kind === 'sqlite',
    provider: {
      getMigrations: () =>
        Promise.resolve({
          '0001-calls': callsMigration(kind),
          '0002-imrn-leases': imrnLeasesMigration,
          '0003-channel-leases': channelLeasesMigration,
        }),
    },
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
