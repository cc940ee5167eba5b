import { type CompiledQuery, type Kysely, sql } from 'kysely';
import type { UserRef } from '../directory/domain/user.js';
import type { Schema } from './schema.js';

/** The reads of both databases, compiled once; parameters are given when they run. */
export function compileReads(db: Kysely<Schema>) {
  const text = '';
  return {
    find: sqlOf(db.selectFrom('calls').select('document').where('call_id', '=', text)),
    listOngoing: sqlOf(
      db
        .selectFrom('calls')
        .select('document')
        .where('user_id', '=', text)
        .where('group_id', '=', text)
        .where('tenant_id', '=', text)
        .where('state', '<>', sql.lit('Released'))
        .orderBy('start_time')
        .orderBy('call_id'),
    ),
    allOngoing: sqlOf(
      db
        .selectFrom('calls')
        .select(['call_id', 'document'])
        .where('state', '<>', sql.lit('Released'))
        .orderBy('start_time'),
    ),
    allSessions: sqlOf(db.selectFrom('engine_sessions').select(['session_id', 'version', 'state'])),
    findSession: sqlOf(
      db
        .selectFrom('engine_sessions')
        .select(['session_id', 'version', 'state'])
        .where('session_id', '=', text),
    ),
    eventsOf: sqlOf(
      db
        .selectFrom('call_events')
        .select(['sequence', 'call_id', 'version', 'state', 'fact'])
        .where('call_id', '=', text)
        .orderBy('sequence'),
    ),
    leasesOfGroup: sqlOf(
      db
        .selectFrom('imrn_leases')
        .selectAll()
        .where('tenant_id', '=', text)
        .where('group_id', '=', text)
        .orderBy('number'),
    ),
    findLease: sqlOf(db.selectFrom('imrn_leases').selectAll().where('number', '=', text)),
    findChannelLease: sqlOf(db.selectFrom('channel_leases').selectAll().where('cluster', '=', text)),
    registrations: sqlOf(db.selectFrom('registrations').select('document')),
  };
}
export type ReadName = keyof ReturnType<typeof compileReads>;

/** The writes of one row, compiled once. The order of their parameters is that of `parametersOf`. */
export function compileWrites(db: Kysely<Schema>) {
  const text = '';
  return {
    insertCall: sqlOf(
      db.insertInto('calls').values({
        call_id: text,
        session_id: text,
        tenant_id: text,
        group_id: text,
        user_id: text,
        start_time: 0,
        state: text,
        document: text,
        version: 1,
      }),
    ),
    updateCall: sqlOf(
      db
        .updateTable('calls')
        .set({ session_id: text, state: text, document: text, version: 1 })
        .where('call_id', '=', text)
        .where('version', '=', 1),
    ),
    insertEvent: sqlOf(
      db.insertInto('call_events').values({ call_id: text, version: 1, state: text, fact: text }),
    ),
    insertSession: sqlOf(
      db.insertInto('engine_sessions').values({ session_id: text, version: 1, state: text }),
    ),
    updateSession: sqlOf(
      db
        .updateTable('engine_sessions')
        .set({ version: 1, state: text })
        .where('session_id', '=', text)
        .where('version', '=', 1),
    ),
    deleteSession: sqlOf(
      db.deleteFrom('engine_sessions').where('session_id', '=', text).where('version', '=', 1),
    ),
    takeLease: sqlOf(
      db
        .insertInto('imrn_leases')
        .values({
          number: text,
          tenant_id: text,
          group_id: text,
          user_id: text,
          calling: text,
          called: text,
          leased_at: 0,
          expires_at: 0,
        })
        .onConflict((conflict) =>
          conflict
            .column('number')
            .doUpdateSet((row) => ({
              tenant_id: row.ref('excluded.tenant_id'),
              group_id: row.ref('excluded.group_id'),
              user_id: row.ref('excluded.user_id'),
              calling: row.ref('excluded.calling'),
              called: row.ref('excluded.called'),
              leased_at: row.ref('excluded.leased_at'),
              expires_at: row.ref('excluded.expires_at'),
            }))
            .where(({ or, and, eb }) =>
              or([
                eb('imrn_leases.expires_at', '<=', eb.ref('excluded.leased_at')),
                and(
                  (['tenant_id', 'group_id', 'user_id', 'calling', 'called'] as const).map((column) =>
                    eb(`imrn_leases.${column}`, '=', eb.ref(`excluded.${column}`)),
                  ),
                ),
              ]),
            ),
        ),
    ),
    useLease: sqlOf(
      db
        .updateTable('imrn_leases')
        .set({ expires_at: sql.lit(0) })
        .where('number', '=', text)
        .where('leased_at', '=', 0)
        .where('expires_at', '=', 0),
    ),
    forgetLease: sqlOf(
      db
        .deleteFrom('imrn_leases')
        .where('number', '=', text)
        .where('leased_at', '=', 0)
        .where('expires_at', '=', 0),
    ),
    takeChannel: sqlOf(
      db
        .insertInto('channel_leases')
        .values({ cluster: text, holder: text, expires_at: 0, in_step: 0 })
        .onConflict((conflict) =>
          conflict
            .column('cluster')
            .doUpdateSet((row) => ({
              holder: row.ref('excluded.holder'),
              expires_at: row.ref('excluded.expires_at'),
              in_step: row.ref('excluded.in_step'),
            }))
            .where(({ or, eb }) =>
              or([
                eb('channel_leases.holder', '=', eb.ref('excluded.holder')),
                eb('channel_leases.expires_at', '<=', 0),
              ]),
            ),
        ),
    ),
    giveChannelBack: sqlOf(
      db.deleteFrom('channel_leases').where('cluster', '=', text).where('holder', '=', text),
    ),
    saveRegistration: sqlOf(
      db
        .insertInto('registrations')
        .values({ address_of_record: text, contact: text, expires_at: 0, document: text })
        .onConflict((conflict) =>
          conflict.columns(['address_of_record', 'contact']).doUpdateSet((row) => ({
            expires_at: row.ref('excluded.expires_at'),
            document: row.ref('excluded.document'),
          })),
        ),
    ),
    deleteRegistration: sqlOf(
      db.deleteFrom('registrations').where('address_of_record', '=', text).where('contact', '=', text),
    ),
  };
}
export type WriteName = keyof ReturnType<typeof compileWrites>;

export function userParameters({ userId, groupId, tenantId }: UserRef): string[] {
  return [userId, groupId, tenantId];
}

function sqlOf(query: { compile(): CompiledQuery }): string {
  return query.compile().sql;
}
