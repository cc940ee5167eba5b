import type { SoakReport } from '../processes/soak-phones.ts';
import { ACKS } from '../support/rest-calls.ts';
import { type Deferred, deferred, inTime } from '../support/rest-client.ts';

type Event = 'up' | 'ringing' | 'gone';

interface Seen {
  acks: number;
  events: Record<Event, Deferred>;
}

/** What the phones have told of each session that is waited for. */
export class PhoneSessions {
  private readonly seen = new Map<string, Seen>();

  note(reports: SoakReport[]): void {
    for (const [what, session] of reports) {
      const seen = this.of(session);
      if (what === 'ack') {
        if (++seen.acks === ACKS) seen.events.up.resolve();
      } else seen.events[what].resolve();
    }
  }

  /** @throws Error when it is not so in time */
  async until(event: Event, session: string, what: string): Promise<void> {
    await inTime(this.of(session).events[event].promise, `${what}: the phones did not tell "${event}"`);
    if (event === 'gone') this.seen.delete(session);
  }

  private of(session: string): Seen {
    let seen = this.seen.get(session);
    if (!seen) {
      seen = { acks: 0, events: { up: deferred(), ringing: deferred(), gone: deferred() } };
      this.seen.set(session, seen);
    }
    return seen;
  }
}
