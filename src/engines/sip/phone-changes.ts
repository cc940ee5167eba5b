import { EngineRefusal } from '../../calls/application/call-engine.js';
import { directionOf, rewriteDirection } from '../../sip/sdp.js';
import type { ServerTransaction } from '../../sip/stack.js';
import type { HangUp } from './hang-up.js';
import type { Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import { isDialogGone } from './media-changes.js';
import { ALLOW } from './own-headers.js';
import type { Leg, Party } from './session.js';
import { answerSessionTimer } from './session-refresh.js';

/** Re-INVITEs of a phone or trunk in an established session: hold and resume on the phone, codec changes, refreshes. */
export class PhoneChanges {
  constructor(
    private readonly legs: Legs,
    private readonly hangUp: HangUp,
  ) {}

  async reinvite(live: LiveSession, party: Party, incoming: ServerTransaction): Promise<void> {
    const { leg } = party;
    if (!leg) return incoming.respond(481);
    if (!live.state.established) return incoming.respond(491);
    const offer = incoming.request.body;
    if (!offer || sameSession(offer, leg.sdp.remote))
      return this.accept(live, party, leg, incoming, leg.sdp.local);
    try {
      await live.exclusively('phone', () => this.applyOffer(live, party, leg, incoming));
    } catch (error) {
      if (!(error instanceof EngineRefusal)) throw error;
      incoming.respond(491);
    }
  }

  private async applyOffer(
    live: LiveSession,
    party: Party,
    leg: Leg,
    incoming: ServerTransaction,
  ): Promise<void> {
    const offer = incoming.request.body;
    const other = live.other(party);
    leg.sdp.remote = offer;
    if (other.hold === 'api') {
      const silent = this.legs.sdpFor(leg, rewriteDirection(leg.sdp.local, 'inactive'));
      this.accept(live, party, leg, incoming, silent);
    } else {
      if (!other.leg) return incoming.respond(481);
      const answered = await this.legs.reinvite(
        other.leg,
        this.legs.sdpFor(other.leg, offer),
        () => !live.over,
      );
      if (!('ack' in answered)) {
        if (!isDialogGone(answered)) return incoming.respond(answered.status);
        incoming.respond(487);
        return this.hangUp.end(live, { cause: 'unreachable', by: other, gone: other });
      }
      answered.ack();
      if (live.over) return incoming.respond(487);
      this.accept(live, party, leg, incoming, this.legs.sdpFor(leg, answered.response.body));
    }
    await this.noteHold(live, party, offer);
  }

  private async noteHold(live: LiveSession, party: Party, offer: string): Promise<void> {
    const direction = directionOf(offer);
    const holds = direction === 'sendonly' || direction === 'inactive';
    const held = party.hold !== undefined;
    if (holds === held) return live.record([]);
    if (holds) party.hold = 'phone';
    else delete party.hold;
    const facts = holds
      ? live.facts(party, 'held', 'remoteHeld')
      : live.facts(party, 'reconnected', 'remoteReconnected');
    await live.record(facts);
  }

  private accept(live: LiveSession, party: Party, leg: Leg, incoming: ServerTransaction, body: string): void {
    const timer = answerSessionTimer(incoming.request, Date.now());
    if (timer) leg.timer = timer.timer;
    incoming.onNoAck = () => this.hangUp.endSoon(live, { cause: 'unreachable', by: party });
    incoming.respond(200, {
      headers: {
        contact: [this.legs.contact(leg.dialog.target.transport)],
        allow: ALLOW,
        supported: ['timer'],
        ...timer?.headers,
      },
      body,
    });
  }
}

/** A phone that refreshes sends its last SDP again, o= line and all (RFC 3264 §8). */
function sameSession(a: string, b: string): boolean {
  return a.trim() === b.trim();
}
