import type { Kysely } from 'kysely';

/** A number has one lease, and so has a pair of a user. */
export const imrnLeasesMigration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('imrn_leases')
      .addColumn('number', 'text', (column) => column.primaryKey())
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('group_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('calling', 'text', (column) => column.notNull())
      .addColumn('called', 'text', (column) => column.notNull())
      .addColumn('leased_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('lease_of_pair', ['tenant_id', 'group_id', 'user_id', 'calling', 'called'])
      .execute();
  },
};
