import type { Generated } from 'kysely';

export type DatabaseKind = 'sqlite' | 'postgres';

/** Tables of both databases. Documents are JSON text; the columns beside them are those that are searched. */
export interface Schema {
  calls: {
    call_id: string;
    session_id: string;
    tenant_id: string;
    group_id: string;
    user_id: string;
    state: string;
    /** Milliseconds since 1970. */
    start_time: number;
    version: number;
    /** `Call` */
    document: string;
  };
  /** Outbox: the facts in the order in which they were stored. */
  call_events: {
    sequence: Generated<number>;
    call_id: string;
    version: number;
    state: string;
    /** `CallFact` */
    fact: string;
  };
  engine_sessions: {
    session_id: string;
    version: number;
    state: string;
  };
  /** The last lease of each number. */
  imrn_leases: {
    number: string;
    tenant_id: string;
    group_id: string;
    user_id: string;
    calling: string;
    called: string;
    /** Milliseconds since 1970, as is the next. */
    leased_at: number;
    /** 0: used */
    expires_at: number;
  };
  /** Who listens to the switch of a cluster. */
  channel_leases: {
    cluster: string;
    holder: string;
    expires_at: number;
    /** 0 or 1 */
    in_step: number;
  };
  registrations: {
    address_of_record: string;
    contact: string;
    expires_at: number;
    /** `StoredBinding` */
    document: string;
  };
}
