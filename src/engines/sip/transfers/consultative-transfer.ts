import { EngineRefusal } from '../../../calls/application/call-engine.js';
import type { AudioPath } from '../audio-path.js';
import { type HangUp, releasedFact } from '../hang-up.js';
import type { Answered, Legs } from '../legs.js';
import type { LiveSession } from '../live-session.js';
import { type MediaChanges, isDialogGone } from '../media-changes.js';
import type { RecordCalls } from '../record-calls.js';
import { type Leg, type Party, sideOf } from '../session.js';
import type { Sessions } from '../sessions.js';
import { heldByPhone, transferredFact } from '../take-place.js';

/** One call of the user who transfers. */
export interface OwnCall {
  live: LiveSession;
  party: Party;
}

/** Joins the remote parties of two calls of a user, who leaves both (RFC 5359 §2.5 in effect). */
export class ConsultativeTransfer {
  constructor(
    private readonly legs: Legs,
    private readonly audio: AudioPath,
    private readonly sessions: Sessions,
    private readonly mediaChanges: MediaChanges,
    private readonly hangUp: HangUp,
    private readonly recordings: RecordCalls,
  ) {}

  /** Waits for the one that still rings while the other lasts. @throws EngineRefusal transferFailed: all as before */
  async run(stays: OwnCall, goes: OwnCall): Promise<void> {
    goes.live.refuseSecondReplacement('consultative');
    await stays.live.replace('consultative', () =>
      goes.live.replace('consultative', async () => {
        const pointless = () => stays.live.over || goes.live.over;
        const up = await Promise.all([stays.live.connected(pointless), goes.live.connected(pointless)]);
        if (up.includes(false)) throw new EngineRefusal('transferFailed');
        await stays.live.exclusively('join', () =>
          goes.live.exclusively('join', () => this.join(stays, goes)),
        );
      }),
    );
    await this.recordings.follow(stays.live);
  }

  /** The party that `goes` leaves behind becomes a party of the other session, in the place of the user. */
  private async join(stays: OwnCall, goes: OwnCall): Promise<void> {
    const first = stays.live.other(stays.party);
    const second = goes.live.other(goes.party);
    const before = first.leg?.sdp.local;
    const secondLeg = legOf(second);
    const offered = await this.ask(goes.live, second, undefined);
    let firstTold = false;
    const decline = () => {
      const nothing = this.legs.answerNothing(offered.response.body);
      offered.ack(nothing && this.legs.sdpFor(secondLeg, nothing));
    };
    goes.live.owedAcks.set(secondLeg, decline);
    try {
      stillUp(stays, goes);
      const offer = await this.audio.offer(stays.live, stays.party, offered.response.body);
      const answered = await this.ask(stays.live, first, this.legs.sdpFor(legOf(first), offer));
      answered.ack();
      firstTold = true;
      stillUp(stays, goes);
      const answer = this.legs.sdpFor(
        secondLeg,
        await this.audio.answer(stays.live, first, answered.response.body),
      );
      stillUp(stays, goes);
      await this.merge(stays, goes, () => offered.ack(answer));
    } catch (error) {
      if (goes.live.owedAcks.delete(secondLeg)) decline();
      await this.takeBack(stays, goes, firstTold ? before : undefined);
      throw error instanceof EngineRefusal && error.reason !== 'unavailable'
        ? new EngineRefusal('transferFailed')
        : error;
    }
  }

  private async merge(stays: OwnCall, goes: OwnCall, acknowledge: () => void): Promise<void> {
    const { live } = stays;
    const first = live.other(stays.party);
    const second = goes.live.other(goes.party);
    goes.live.over = true;
    live.state[sideOf(live.state, stays.party)] = second;
    live.state.leaving = [stays.party, goes.party].flatMap(({ leg }) => leg ?? []);
    this.sessions.absorb(live, goes.live);
    await this.recordings.move(goes.live, second);
    const facts = [
      ...[stays.party, goes.party].flatMap((party) => releasedFact(party, 'transferred', 'local')),
      ...transferredFact(first, second),
      ...transferredFact(second, first, live.state.id),
    ];
    try {
      await live.record(facts, goes.live.state.id);
    } catch (error) {
      await this.hangUp.end(live, { cause: 'engineFailure' });
      throw error;
    } finally {
      if (second.leg && goes.live.owedAcks.delete(second.leg)) acknowledge();
      for (const { live: own, party } of [stays, goes]) {
        this.hangUp.letGo(own, party);
        this.recordings.close(own, party);
      }
      void this.audio.close(goes.live);
    }
    const held = heldByPhone(live);
    if (held.length > 0 && !live.over) live.recordSoon(held);
  }

  /** Both calls are as they were: whoever was told otherwise is told again. */
  private async takeBack(stays: OwnCall, goes: OwnCall, before: string | undefined): Promise<void> {
    if (!stays.live.over) {
      await this.audio.restore(stays.live).catch(() => undefined);
      const { leg } = stays.live.other(stays.party);
      if (before !== undefined && leg) {
        const again = await this.legs.reinvite(leg, this.legs.sdpFor(leg, before), () => !stays.live.over);
        if ('ack' in again) again.ack();
      }
    }
    if (!goes.live.over) await this.mediaChanges.talkAgain(goes.live, goes.party).catch(() => undefined);
  }

  private async ask(live: LiveSession, party: Party, offer: string | undefined): Promise<Answered> {
    const answered = await this.legs.reinvite(legOf(party), offer, () => !live.over);
    if ('ack' in answered) return answered;
    if (isDialogGone(answered)) {
      await this.hangUp.end(live, { cause: 'unreachable', by: party, gone: party });
    }
    throw new EngineRefusal('transferFailed');
  }
}

function legOf({ leg }: Party): Leg {
  if (!leg) throw new EngineRefusal('transferFailed');
  return leg;
}

function stillUp(...calls: OwnCall[]): void {
  if (calls.some(({ live }) => live.over)) throw new EngineRefusal('transferFailed');
}
