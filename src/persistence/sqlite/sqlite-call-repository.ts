import {
  type CallChange,
  type CallEvent,
  CallRepository,
  type StoredSession,
} from '../../calls/application/call-repository.js';
import type { Call } from '../../calls/domain/call.js';
import type { UserRef } from '../../directory/domain/user.js';
import { callOf, eventOf, sessionOf } from '../rows.js';
import { rowWritesOf } from '../row-writes.js';
import { userParameters } from '../statements.js';
import type { SqliteStore } from './sqlite-store.js';

export class SqliteCallRepository extends CallRepository {
  constructor(private readonly store: SqliteStore) {
    super();
  }

  override save(change: CallChange): Promise<void> {
    return this.store.write(rowWritesOf(change));
  }

  override async find(callId: string): Promise<Call | undefined> {
    const row = this.store.one('find', callId);
    return row && callOf(row);
  }

  override async listOngoing(owner: UserRef): Promise<Call[]> {
    return this.store.all('listOngoing', ...userParameters(owner)).map(callOf);
  }

  override async loadOngoing(): Promise<{ calls: Call[]; sessions: StoredSession[] }> {
    return {
      calls: this.store.all('allOngoing').map(callOf),
      sessions: this.store.all('allSessions').map(sessionOf),
    };
  }

  override async findSession(sessionId: string): Promise<StoredSession | undefined> {
    const row = this.store.one('findSession', sessionId);
    return row && sessionOf(row);
  }

  override async eventsOf(callId: string): Promise<CallEvent[]> {
    return this.store.all('eventsOf', callId).map(eventOf);
  }
}
