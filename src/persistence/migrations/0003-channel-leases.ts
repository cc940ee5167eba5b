import type { Kysely } from 'kysely';

/** A cluster has one lease. */
export const channelLeasesMigration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('channel_leases')
      .addColumn('cluster', 'text', (column) => column.primaryKey())
      .addColumn('holder', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('in_step', 'integer', (column) => column.notNull())
      .execute();
  },
};
