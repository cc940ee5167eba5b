import type { ReleaseCause } from '../../calls/domain/call.js';
import type { SipResponse } from '../../sip/message.js';
import type { HangUp } from './hang-up.js';
import type { Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import { type Picked, Ringing } from './ringing.js';
import type { Leg, Party } from './session.js';
import { takePlace } from './take-place.js';
import { MIN_INTERVAL_S } from './session-refresh.js';
import type { SipServices } from './sip-services.js';

export interface RingOptions {
  offer?: string;
  fallbackOffer?(): Promise<string>;
  timeoutMs?: number;
  onRinging?(response: SipResponse): void;
}

/** Rings the devices of a session's party. */
export class RingParty {
  constructor(
    private readonly services: SipServices,
    private readonly legs: Legs,
    private readonly hangUp: HangUp,
  ) {}

  /** Rings the party that a call is set up with: where nobody answers the session ends, and the result is undefined. */
  async ringOrEnd(live: LiveSession, party: Party, options: RingOptions): Promise<Picked | undefined> {
    const outcome = await this.ring(live, party, options);
    if ('leg' in outcome) return outcome;
    await this.hangUp.end(live, { cause: outcome.cause, by: party });
    return undefined;
  }

  /**
   * Rings `party.invites`. The device that answers becomes the party's leg, its ACK is owed. Where the call has been
   * deflected meanwhile, it is the leg of the party that takes the place.
   */
  async ring(
    live: LiveSession,
    party: Party,
    options: RingOptions,
  ): Promise<Picked | { cause: ReleaseCause }> {
    const { ringTimeoutMs, sessionExpiresSeconds } = this.services.settings;
    const ringing = new Ringing(this.services.stack, this.legs, {
      ...options,
      invites: party.invites,
      timeoutMs: options.timeoutMs ?? ringTimeoutMs,
      interval: { expires: sessionExpiresSeconds, minimum: MIN_INTERVAL_S },
      onRinging: (response) => {
        if (!live.over) options.onRinging?.(response);
      },
    });
    live.ringing.set(party, ringing);
    const outcome = await ringing.outcome;
    live.ringing.delete(party);
    if (!('leg' in outcome)) return outcome;
    const declineMedia = () =>
      outcome.ack(outcome.offered ? undefined : this.legs.answerNothing(outcome.response.body));
    if (live.over) {
      declineMedia();
      this.legs.bye(outcome.leg);
      return { cause: 'canceled' };
    }
    live.owedAcks.set(outcome.leg, declineMedia);
    const joining = live.state.joining?.party;
    if (!live.state.established && joining?.invites.includes(outcome.invite)) {
      answeredBy(joining, outcome.leg);
      await live.record(takePlace(live, joining).facts);
    } else answeredBy(party, outcome.leg);
    return outcome;
  }
}

function answeredBy(party: Party, leg: Leg): void {
  party.leg = leg;
  party.invites = [];
}

/** Phones repeat 180; the far end rings once. */
export function onFirst(act: () => void): () => void {
  let first = true;
  return () => {
    if (first) act();
    first = false;
  };
}
