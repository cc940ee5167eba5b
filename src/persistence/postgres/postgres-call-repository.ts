import {
  type CallChange,
  type CallEvent,
  CallRepository,
  type StoredSession,
} from '../../calls/application/call-repository.js';
import type { Call } from '../../calls/domain/call.js';
import type { UserRef } from '../../directory/domain/user.js';
import { callOf, eventOf, sessionOf } from '../rows.js';
import { userParameters } from '../statements.js';
import type { PostgresStore } from './postgres-store.js';

export class PostgresCallRepository extends CallRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override save(change: CallChange): Promise<void> {
    return this.store.changes.write(change);
  }

  override async find(callId: string): Promise<Call | undefined> {
    const [row] = await this.store.all('find', callId);
    return row && callOf(row);
  }

  override async listOngoing(owner: UserRef): Promise<Call[]> {
    return (await this.store.all('listOngoing', ...userParameters(owner))).map(callOf);
  }

  override async loadOngoing(): Promise<{ calls: Call[]; sessions: StoredSession[] }> {
    const [calls, sessions] = await Promise.all([
      this.store.all('allOngoing'),
      this.store.all('allSessions'),
    ]);
    return { calls: calls.map(callOf), sessions: sessions.map(sessionOf) };
  }

  override async findSession(sessionId: string): Promise<StoredSession | undefined> {
    const [row] = await this.store.all('findSession', sessionId);
    return row && sessionOf(row);
  }

  override async eventsOf(callId: string): Promise<CallEvent[]> {
    return (await this.store.all('eventsOf', callId)).map(eventOf);
  }
}
