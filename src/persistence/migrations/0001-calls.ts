import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { DatabaseKind } from '../schema.js';

export function callsMigration(kind: DatabaseKind) {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('calls')
        .addColumn('call_id', 'text', (column) => column.primaryKey())
        .addColumn('session_id', 'text', (column) => column.notNull())
        .addColumn('tenant_id', 'text', (column) => column.notNull())
        .addColumn('group_id', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('start_time', 'bigint', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('document', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('ongoing_calls')
        .on('calls')
        .columns(['user_id', 'group_id', 'tenant_id'])
        .where(sql.ref('state'), '<>', sql.lit('Released'))
        .execute();
      await db.schema
        .createTable('call_events')
        .addColumn('sequence', kind === 'postgres' ? 'bigserial' : 'integer', (column) =>
          kind === 'postgres' ? column.primaryKey() : column.primaryKey().autoIncrement(),
        )
        .addColumn('call_id', 'text', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('fact', 'text', (column) => column.notNull())
        .addUniqueConstraint('event_of_call', ['call_id', 'version'])
        .execute();
      await db.schema
        .createTable('engine_sessions')
        .addColumn('session_id', 'text', (column) => column.primaryKey())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('registrations')
        .addColumn('address_of_record', 'text', (column) => column.notNull())
        .addColumn('contact', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('document', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('registration', ['address_of_record', 'contact'])
        .execute();
    },
  };
}
