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

/**
 * The embedded store's file has one writer, this process, which therefore may keep the ongoing calls at hand: reading
 * one that is not being changed costs no look into the file.
 */
export class SqliteCallRepository extends CallRepository {
  private readonly ongoing: Map<string, Call>;
  /** Calls with saves under way, each with the last of these. */
  private readonly changing = new Map<string, CallChange>();

  constructor(private readonly store: SqliteStore) {
    super();
    this.ongoing = new Map(store.all('allOngoing').map((row) => [row.call_id as string, callOf(row)]));
  }

  override async save(change: CallChange): Promise<void> {
    // The file may have the change before that is known here: until then reads look into it.
    for (const { call } of change.calls) {
      this.ongoing.delete(call.callId);
      this.changing.set(call.callId, change);
    }
    let stored = false;
    try {
      await this.store.write(rowWritesOf(change));
      stored = true;
    } finally {
      for (const { call } of change.calls) {
        if (this.changing.get(call.callId) !== change) continue;
        this.changing.delete(call.callId);
        if (stored && call.state !== 'Released') this.ongoing.set(call.callId, call);
      }
    }
  }

  override async find(callId: string): Promise<Call | undefined> {
    const known = this.ongoing.get(callId);
    if (known) return known;
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
