import { randomBytes } from 'node:crypto';
import type { LiveSession } from './live-session.js';
import type { Party } from './session.js';

const UUID_LENGTH = 36;

/** Local tags begin with the session's id, so that a request in a dialog leads any process to its session. */
export function newLocalTag(sessionId: string): string {
  return `${sessionId}.${randomBytes(8).toString('hex')}`;
}

/** The sessions that this process serves. */
export class Sessions {
  private readonly byId = new Map<string, LiveSession>();

  add(live: LiveSession): void {
    this.byId.set(live.state.id, live);
  }

  remove(live: LiveSession): void {
    this.byId.delete(live.state.id);
  }

  get(id: string): LiveSession | undefined {
    return this.byId.get(id);
  }

  all(): Iterable<LiveSession> {
    return this.byId.values();
  }

  get size(): number {
    return this.byId.size;
  }

  /** The session and party whose leg has the local tag. */
  ofTag(localTag: string | undefined): { live: LiveSession; party: Party } | undefined {
    if (!localTag) return undefined;
    const live = this.byId.get(localTag.slice(0, UUID_LENGTH));
    const party = live?.parties.find((each) => each.leg?.dialog.localTag === localTag);
    return live && party && { live, party };
  }
}
