import { EngineRefusal } from '../../calls/application/call-engine.js';
import type { SipResponse } from '../../sip/message.js';
import { directionOf, rewriteDirection, SdpError } from '../../sip/sdp.js';
import type { AudioPath } from './audio-path.js';
import type { DeviceLoss } from './device-loss.js';
import type { Answered, Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import type { RecordCalls } from './record-calls.js';
import type { Leg, Party } from './session.js';

/** Hold and reconnect asked for by the API, by re-INVITE to both legs (RFC 5359 §2.1, RFC 3725 §7). */
export class MediaChanges {
  constructor(
    private readonly legs: Legs,
    private readonly deviceLoss: DeviceLoss,
    private readonly audio: AudioPath,
    private readonly recordings: RecordCalls,
  ) {}

  /** @throws EngineRefusal */
  async hold(live: LiveSession, party: Party): Promise<void> {
    await live.exclusively('command', async () => {
      const other = live.other(party);
      await this.silence(live, other);
      // The far end is on hold now; a device that will not be silenced itself talks to nobody.
      await this.silence(live, party).catch((error: unknown) => {
        if (live.over || !(error instanceof EngineRefusal)) throw error;
      });
      party.hold = 'api';
      live.recordSoon(live.facts(party, 'held', 'remoteHeld'));
    });
    await this.recordings.follow(live);
  }

  /** @throws EngineRefusal refused when the user holds the call on the phone itself: only the phone can take it back */
  async reconnect(live: LiveSession, party: Party): Promise<void> {
    await live.exclusively('command', async () => {
      if (live.other(party).hold !== 'api') await this.connect(live, party);
      delete party.hold;
      live.recordSoon(live.facts(party, 'reconnected', 'remoteReconnected'));
    });
    await this.recordings.follow(live);
  }

  /** After an exchange that came to nothing: the two talk as before, unless one holds the other. */
  talkAgain(live: LiveSession, party: Party): Promise<void> {
    if (party.hold || live.other(party).hold) return this.audio.restore(live);
    return this.connect(live, party);
  }

  private async silence(live: LiveSession, party: Party): Promise<void> {
    const leg = confirmedLeg(party);
    const answered = await this.change(live, party, rewriteDirection(leg.sdp.local, 'inactive'));
    answered.ack();
    stillUp(live);
  }

  /** Asks the party for a fresh offer, has the other party answer it, and brings the answer back. */
  private async connect(live: LiveSession, party: Party): Promise<void> {
    const leg = confirmedLeg(party);
    const other = live.other(party);
    const offered = await this.change(live, party, undefined);
    const offer = offered.response.body;
    const decline = () => {
      const answer = this.legs.answerNothing(offer);
      offered.ack(answer && this.legs.sdpFor(leg, answer));
    };
    live.owedAcks.set(leg, decline);
    try {
      if (live.over) throw new EngineRefusal('callGone');
      const direction = directionOf(offer);
      if (direction === 'sendonly' || direction === 'inactive') throw new EngineRefusal('refused');
      const answered = await this.change(live, other, await this.audio.offer(live, party, offer));
      answered.ack();
      stillUp(live);
      const answer = this.legs.sdpFor(leg, await this.audio.answer(live, other, answered.response.body));
      live.owedAcks.delete(leg);
      offered.ack(answer);
    } catch (error) {
      if (live.owedAcks.delete(leg)) decline();
      throw error instanceof SdpError ? new EngineRefusal('refused', error.message) : error;
    }
  }

  private async change(live: LiveSession, party: Party, offer: string | undefined): Promise<Answered> {
    const leg = confirmedLeg(party);
    const sdp = offer === undefined ? undefined : this.legs.sdpFor(leg, offer);
    const answered = await this.legs.reinvite(leg, sdp, () => !live.over);
    if ('ack' in answered) return answered;
    return this.refused(live, party, answered);
  }

  private async refused(live: LiveSession, party: Party, response: SipResponse): Promise<never> {
    if (isDialogGone(response)) await this.deviceLoss.lost(live, party);
    throw new EngineRefusal(live.over ? 'callGone' : response.status === 491 ? 'busy' : 'refused');
  }
}

/**
 * RFC 3261 §12.2.1.2: these end the dialog. A connection that cannot be made (503 of our own) does not: a phone on
 * TCP comes back with a new one.
 */
export function isDialogGone(response: SipResponse): boolean {
  return response.status === 481 || response.status === 408;
}

function confirmedLeg(party: Party): Leg {
  if (!party.leg) throw new EngineRefusal('callGone');
  return party.leg;
}

function stillUp(live: LiveSession): void {
  if (live.over) throw new EngineRefusal('callGone');
}
