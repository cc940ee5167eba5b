import { Logger } from '@nestjs/common';
import type { ReleaseCause } from '../../calls/domain/call.js';
import type { CallReleased } from '../../calls/domain/call-fact.js';
import type { AudioPath } from './audio-path.js';
import { statusOfCause } from './causes.js';
import type { Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import type { RecordCalls } from './record-calls.js';
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
    private readonly audio: AudioPath,
    private readonly recordings: RecordCalls,
  ) {}

  /** Resolves when the end is stored. A session that is over already is left alone. */
  async end(live: LiveSession, { cause, by, gone }: HangUpReason): Promise<void> {
    if (live.over) return;
    live.over = true;
    // A phone that has our 2xx is hung up when its ACK comes, and that must find the session.
    if (live.awaitedAcks.size === 0) this.sessions.remove(live);
    for (const ringing of live.ringing.values()) ringing.cancel('canceled');
    for (const party of live.everyone) if (party !== gone) this.closeLeg(live, party);
    if (live.incoming && !live.incoming.finished) live.incoming.respond(statusOfCause(cause));
    const facts = live.everyone.flatMap((party) => releasedFact(party, cause, whoEnded(party, by)));
    void this.audio.close(live);
    await live.record(facts);
  }

  /** A session that could not begin: neither a phone nor the store has heard of it. */
  discard(live: LiveSession): void {
    live.over = true;
    this.sessions.remove(live);
  }

  /** `end` for those who cannot wait: a store that does not take the end is logged. */
  endSoon(live: LiveSession, reason: HangUpReason): void {
    this.end(live, reason).catch((error: unknown) => {
      live.about(() =>
        this.logger.error(`The end of session ${live.state.id} is not stored: ${String(error)}`),
      );
    });
  }

  /**
   * A phone has hung up. A party whose place another one is about to take leaves the session, the other one waits; one
   * that was about to take a place does not; in all other cases the session ends.
   */
  async byPhone(live: LiveSession, party: Party): Promise<void> {
    const { joining } = live.state;
    if (joining?.party === party) return this.withdraw(live, party);
    if (!joining || live.state[joining.side] !== party || !live.state.established) {
      return this.end(live, { cause: 'normal', by: party, gone: party });
    }
    const cause = joining.why === 'transfer' ? 'transferred' : 'retrieved';
    const facts = releasedFact(party, cause, 'local');
    this.recordings.close(live, party);
    for (const left of ['leg', 'hold', 'detached'] as const) delete party[left];
    await live.record(facts);
  }

  /** Whoever is about to take a place will not: whoever waits for that finds it out. */
  async withdraw(live: LiveSession, party: Party, cause: ReleaseCause = 'declined'): Promise<void> {
    live.withdrawn.add(party);
    live.ringing.get(party)?.cancel(cause);
    await live.replacing?.done.catch(() => undefined);
  }

  /** Lets a party go whose place is taken; one that has asked for that on its phone is told first. */
  letGo(live: LiveSession, party: Party): void {
    if (party.leg) live.referrers.get(party)?.();
    this.closeLeg(live, party);
    delete live.state.leaving;
  }

  /** Closes the dialog of a party, whatever it is waiting for. */
  closeLeg(live: LiveSession, { leg }: Pick<Party, 'leg'>): void {
    if (!leg) return;
    live.owedAcks.get(leg)?.();
    live.owedAcks.delete(leg);
    // A UAS must not send BYE before the ACK of its 2xx (RFC 3261 §15).
    if (live.awaitedAcks.has(leg)) live.awaitedAcks.set(leg, () => this.legs.bye(leg));
    else this.legs.bye(leg);
  }
}

/** The end of the party's call, once: it has none from here on. */
export function releasedFact(party: Party, cause: ReleaseCause, by: CallReleased['by']): CallReleased[] {
  const { callId } = party;
  delete party.callId;
  return callId ? [{ kind: 'released', callId, at: Date.now(), cause, by }] : [];
}

function whoEnded(party: Party, by: Party | undefined): CallReleased['by'] {
  if (by === undefined) return 'system';
  return by === party ? 'local' : 'remote';
}
