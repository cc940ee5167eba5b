import { randomBytes } from 'node:crypto';
import type { LiveSession } from './live-session.js';
import type { Party } from './session.js';

const UUID_LENGTH = 36;

/** Local tags begin with the session's id, so that a request in a dialog leads any process to its session. */
export function newLocalTag(sessionId: string): string {
  return `${sessionId}.${randomBytes(8).toString('hex')}`;
}

/** The sessions that this process serves, also by the ids of those that have become part of them. */
export class Sessions {
  private readonly byId = new Map<string, LiveSession>();

  add(live: LiveSession): void {
    for (const id of idsOf(live)) this.byId.set(id, live);
  }

  remove(live: LiveSession): void {
    for (const id of idsOf(live)) if (this.byId.get(id) === live) this.byId.delete(id);
  }

  /** The second becomes part of the first, to which its legs belong from now on. */
  absorb(live: LiveSession, absorbed: LiveSession): void {
    live.state.absorbed = [...idsOf(live).slice(1), ...idsOf(absorbed)];
    this.add(live);
  }

  get(id: string): LiveSession | undefined {
    return this.byId.get(id);
  }

  *all(): Iterable<LiveSession> {
    for (const [id, live] of this.byId) if (id === live.state.id) yield live;
  }

  get size(): number {
    return [...this.all()].length;
  }

  /** The session and party whose leg has the local tag. */
  ofTag(localTag: string | undefined): { live: LiveSession; party: Party } | undefined {
    if (!localTag) return undefined;
    const live = this.byId.get(localTag.slice(0, UUID_LENGTH));
    const party = live?.everyone.find((each) => each.leg?.dialog.localTag === localTag);
    return live && party && { live, party };
  }
}

function idsOf({ state }: LiveSession): string[] {
  return [state.id, ...(state.absorbed ?? [])];
}
