import { EngineRefusal } from '../../calls/application/call-engine.js';
import { directionOf, rewriteDirection } from '../../sip/sdp.js';
import type { ServerTransaction } from '../../sip/stack.js';
import type { AudioPath } from './audio-path.js';
import type { DeviceLoss } from './device-loss.js';
import type { HangUp } from './hang-up.js';
import type { Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import { isDialogGone } from './media-changes.js';
import { ALLOW, STORE_RETRY_AFTER_S } from './own-headers.js';
import type { RecordCalls } from './record-calls.js';
import type { Leg, Party } from './session.js';
import { answerSessionTimer } from './session-refresh.js';

/** Re-INVITEs of a phone or trunk in an established session: hold and resume on the phone, codec changes, refreshes. */
export class PhoneChanges {
  constructor(
    private readonly legs: Legs,
    private readonly hangUp: HangUp,
    private readonly deviceLoss: DeviceLoss,
    private readonly audio: AudioPath,
    private readonly recordings: RecordCalls,
  ) {}

  async reinvite(live: LiveSession, party: Party, incoming: ServerTransaction): Promise<void> {
    const { leg } = party;
    if (!leg) return incoming.respond(481);
    if (!live.state.established) return incoming.respond(491);
    const offer = incoming.request.body;
    if (!offer || sameSession(offer, leg.sdp.remote))
      return this.accept(live, party, leg, incoming, leg.sdp.local);
    if (live.crowded) return incoming.respond(503, { headers: { 'retry-after': [STORE_RETRY_AFTER_S] } });
    try {
      await live.exclusively('phone', () => this.applyOffer(live, party, leg, incoming));
    } catch (error) {
      if (!(error instanceof EngineRefusal)) throw error;
      return incoming.respond(error.reason === 'unavailable' ? 503 : 491);
    }
    await this.recordings.follow(live);
  }

  private async applyOffer(
    live: LiveSession,
    party: Party,
    leg: Leg,
    incoming: ServerTransaction,
  ): Promise<void> {
    const offer = incoming.request.body;
    const other = live.other(party);
    const before = leg.sdp.remote;
    leg.sdp.remote = offer;
    if (other.hold === 'api') {
      const silent = this.legs.sdpFor(leg, rewriteDirection(leg.sdp.local, 'inactive'));
      this.accept(live, party, leg, incoming, silent);
    } else {
      // The other party has left, another one is about to take its place.
      if (!other.leg) return incoming.respond(491);
      const passed = this.legs.sdpFor(other.leg, await this.audio.offer(live, party, offer));
      const answered = await this.legs.reinvite(other.leg, passed, () => !live.over);
      if (!('ack' in answered)) {
        leg.sdp.remote = before;
        await this.audio.restore(live).catch(() => undefined);
        if (!isDialogGone(answered)) return incoming.respond(answered.status);
        incoming.respond(487);
        return this.deviceLoss.lost(live, other);
      }
      answered.ack();
      if (live.over) return incoming.respond(487);
      const answer = await this.audio.answer(live, other, answered.response.body);
      this.accept(live, party, leg, incoming, this.legs.sdpFor(leg, answer));
    }
    this.noteHold(live, party, offer);
  }

  private noteHold(live: LiveSession, party: Party, offer: string): void {
    const direction = directionOf(offer);
    const holds = direction === 'sendonly' || direction === 'inactive';
    const held = party.hold !== undefined;
    if (holds === held) return live.recordSoon([]);
    if (holds) party.hold = 'phone';
    else delete party.hold;
    const facts = holds
      ? live.facts(party, 'held', 'remoteHeld')
      : live.facts(party, 'reconnected', 'remoteReconnected');
    live.recordSoon(facts);
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
