import { Logger } from '@nestjs/common';
import type { ReleaseCause } from '../../calls/domain/call.js';
import type { CallReleased } from '../../calls/domain/call-fact.js';
import { statusOfCause } from './causes.js';
import type { Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import type { Party } from './session.js';
import type { Sessions } from './sessions.js';

export interface HangUpReason {
  cause: ReleaseCause;
  /** The party that ended the call; none: the service did. */
  by?: Party;
  /** The party whose dialog is gone already. */
  gone?: Party;
}

/** Ends a session, wherever it stands: nothing keeps ringing, every dialog is closed, each call ends once. */
export class HangUp {
  private readonly logger = new Logger(HangUp.name);

  constructor(
    private readonly legs: Legs,
    private readonly sessions: Sessions,
  ) {}

  /** Resolves when the end is stored. A session that is over already is left alone. */
  async end(live: LiveSession, { cause, by, gone }: HangUpReason): Promise<void> {
    if (live.over) return;
    live.over = true;
    this.sessions.remove(live);
    for (const party of live.parties) {
      live.ringing.get(party)?.cancel('canceled');
      if (party !== gone) this.closeLeg(live, party);
    }
    if (live.incoming && !live.incoming.finished) live.incoming.respond(statusOfCause(cause));
    await live.record(releasedFacts(live, cause, by));
  }

  /** `end` for those who cannot wait: a store that does not take the end is logged. */
  endSoon(live: LiveSession, reason: HangUpReason): void {
    this.end(live, reason).catch((error: unknown) => {
      this.logger.error(`The end of session ${live.state.id} is not stored: ${String(error)}`);
    });
  }

  private closeLeg(live: LiveSession, { leg }: Party): void {
    if (!leg) return;
    live.owedAcks.get(leg)?.();
    // A UAS must not send BYE before the ACK of its 2xx (RFC 3261 §15).
    if (live.awaitedAcks.has(leg)) live.awaitedAcks.set(leg, () => this.legs.bye(leg));
    else this.legs.bye(leg);
  }
}

function releasedFacts(live: LiveSession, cause: ReleaseCause, by: Party | undefined): CallReleased[] {
  const at = Date.now();
  return live.parties.flatMap((party) => {
    if (!party.callId) return [];
    const who = by === undefined ? 'system' : by === party ? 'local' : 'remote';
    return [{ kind: 'released' as const, callId: party.callId, at, cause, by: who }];
  });
}
