import type { SipResponse } from '../../sip/message.js';
import type { HangUp } from './hang-up.js';
import type { Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import { type Picked, Ringing } from './ringing.js';
import type { Party } from './session.js';
import { MIN_INTERVAL_S } from './session-refresh.js';
import type { SipServices } from './sip-services.js';

/** Rings the devices of a session's party, and ends the session where nobody answers. */
export class RingParty {
  constructor(
    private readonly services: SipServices,
    private readonly legs: Legs,
    private readonly hangUp: HangUp,
  ) {}

  /**
   * Rings `party.invites`. The device that answers becomes the party's leg, its ACK is owed; undefined when the
   * session is over.
   */
  async ring(
    live: LiveSession,
    party: Party,
    options: { offer?: string; fallbackOffer?: string; onRinging?(response: SipResponse): void },
  ): Promise<Picked | undefined> {
    const { ringTimeoutMs, sessionExpiresSeconds } = this.services.settings;
    const ringing = new Ringing(this.services.stack, this.legs, {
      ...options,
      invites: party.invites,
      timeoutMs: ringTimeoutMs,
      interval: { expires: sessionExpiresSeconds, minimum: MIN_INTERVAL_S },
      onRinging: (response) => {
        if (!live.over) options.onRinging?.(response);
      },
    });
    live.ringing.set(party, ringing);
    const outcome = await ringing.outcome;
    live.ringing.delete(party);
    if (!('leg' in outcome)) {
      await this.hangUp.end(live, { cause: outcome.cause, by: party });
      return undefined;
    }
    const declineMedia = () =>
      outcome.ack(outcome.offered ? undefined : this.legs.answerNothing(outcome.response.body));
    if (live.over) {
      declineMedia();
      this.legs.bye(outcome.leg);
      return undefined;
    }
    party.leg = outcome.leg;
    party.invites = [];
    live.owedAcks.set(outcome.leg, declineMedia);
    return outcome;
  }
}

/** Phones repeat 180; the far end rings once. */
export function onFirst(act: () => void): () => void {
  let first = true;
  return () => {
    if (first) act();
    first = false;
  };
}
