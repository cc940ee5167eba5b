import { EngineRefusal } from '../../../calls/application/call-engine.js';
import { StoreUnavailable } from '../../../calls/application/call-repository.js';
import type { ReleaseCause } from '../../../calls/domain/call.js';
import type { CallFact, CallReleased } from '../../../calls/domain/call-fact.js';
import type { SipResponse } from '../../../sip/message.js';
import type { AudioPath } from '../audio-path.js';
import { type HangUp, releasedFact } from '../hang-up.js';
import type { Legs } from '../legs.js';
import type { LiveSession } from '../live-session.js';
import { isDialogGone } from '../media-changes.js';
import type { RecordCalls } from '../record-calls.js';
import type { RingParty } from '../ring-party.js';
import type { Picked } from '../ringing.js';
import type { Joining, Party } from '../session.js';
import { heldByPhone, takePlace } from '../take-place.js';

/** Why nobody took the place; the session is as before, or over. */
export class NotReplaced extends EngineRefusal {
  constructor(readonly why: ReleaseCause) {
    super('transferFailed', why);
  }
}

export interface Replacement {
  why: Joining['why'];
  replaced: Party;
  newcomer: Party;
  /** How the newcomer's call begins, and what becomes of the others' meanwhile. */
  begin: CallFact[];
  timeoutMs: number;
  onRinging?(response: SipResponse): void;
}

/**
 * Puts another party in the place of one: rings it while the two talk on, connects it with the one that stays by
 * flow III of RFC 3725, and lets the replaced one go. What fails on the way leaves the two as they were.
 */
export class ReplaceParty {
  constructor(
    private readonly legs: Legs,
    private readonly audio: AudioPath,
    private readonly ringParty: RingParty,
    private readonly hangUp: HangUp,
    private readonly recordings: RecordCalls,
  ) {}

  /** Resolves when it is stored who is to take the place. @throws StoreUnavailable: nobody is */
  async begin(live: LiveSession, { why, replaced, newcomer, begin }: Replacement): Promise<void> {
    live.state.joining = { side: live.state.caller === replaced ? 'caller' : 'callee', why, party: newcomer };
    try {
      await live.open(begin);
    } catch (error) {
      delete live.state.joining;
      const before = replaced.leg ? reattached(live, replaced) : [];
      // Perhaps it is stored all the same: then this takes it back, else it comes to nothing.
      if (error instanceof StoreUnavailable && error.maybeWritten)
        for (const facts of [[], ...before]) live.recordSoon(facts);
      throw error;
    }
  }

  /** @throws NotReplaced */
  async finish(live: LiveSession, replacement: Replacement): Promise<void> {
    const { newcomer, timeoutMs, onRinging } = replacement;
    const other = live.other(newcomer);
    if (live.over) throw new NotReplaced('canceled');
    const outcome = await this.ringParty.ring(live, newcomer, {
      timeoutMs,
      fallbackOffer: () => this.audio.offer(live, other, other.leg?.sdp.remote ?? ''),
      ...(onRinging && { onRinging }),
    });
    if (!('leg' in outcome)) {
      await this.giveUp(live, replacement, outcome.cause);
      throw new NotReplaced(outcome.cause);
    }
    try {
      await live.exclusively('join', () => this.connect(live, newcomer, other, outcome));
    } catch (error) {
      await this.giveUp(live, replacement, 'mediaRefused');
      throw error;
    }
    await this.recordings.follow(live);
  }

  private async connect(live: LiveSession, newcomer: Party, other: Party, picked: Picked): Promise<void> {
    const stillWanted = () => !live.over && !live.withdrawn.has(newcomer);
    const { leg } = other;
    if (!leg || !stillWanted()) throw new NotReplaced('canceled');
    const before = leg.sdp.local;
    const offer = await this.audio.offer(live, newcomer, picked.response.body);
    const answered = await this.legs.reinvite(leg, this.legs.sdpFor(leg, offer), stillWanted);
    if (!('ack' in answered)) {
      await this.audio.restore(live).catch(() => undefined);
      if (isDialogGone(answered)) {
        await this.hangUp.end(live, { cause: 'unreachable', by: other, gone: other });
      }
      throw new NotReplaced('mediaRefused');
    }
    answered.ack();
    if (!stillWanted()) return this.takeBack(live, other, before);
    const answer = this.legs.sdpFor(picked.leg, await this.audio.answer(live, other, answered.response.body));
    if (!stillWanted()) return this.takeBack(live, other, before);
    const { replaced, facts } = takePlace(live, newcomer);
    try {
      await live.record([...facts, ...live.facts(newcomer, 'answered')]);
    } catch (error) {
      await this.hangUp.end(live, { cause: 'engineFailure' });
      throw error;
    } finally {
      if (live.owedAcks.delete(picked.leg)) picked.ack(picked.offered ? undefined : answer);
      this.hangUp.letGo(live, replaced);
      this.recordings.close(live, replaced);
    }
    const held = heldByPhone(live);
    if (held.length > 0 && !live.over) live.recordSoon(held);
  }

  /** The one that stays has been told of a newcomer who does not come: it is told what it knew before. */
  private async takeBack(live: LiveSession, other: Party, before: string): Promise<never> {
    if (!live.over && other.leg) {
      await this.audio.restore(live).catch(() => undefined);
      const again = this.legs.sdpFor(other.leg, before);
      const answered = await this.legs.reinvite(other.leg, again, () => !live.over);
      if ('ack' in answered) answered.ack();
    }
    throw new NotReplaced('canceled');
  }

  /** Whoever left during the ringing cannot be talked to again: then the session ends. */
  private async giveUp(
    live: LiveSession,
    { replaced, newcomer }: Replacement,
    cause: ReleaseCause,
  ): Promise<void> {
    live.withdrawn.delete(newcomer);
    if (live.over) return;
    if (!replaced.leg) return this.hangUp.end(live, { cause, by: newcomer });
    await this.callOff(live, replaced, newcomer, { cause, by: 'local' });
  }

  /** Nobody takes the party's place any more: the two who talked talk on. */
  async callOff(
    live: LiveSession,
    replaced: Party,
    newcomer: Party,
    { cause, by }: Pick<CallReleased, 'cause' | 'by'>,
  ): Promise<void> {
    delete live.state.joining;
    this.hangUp.closeLeg(live, newcomer);
    const [first = [], ...later] = reattached(live, replaced);
    await live.record([...releasedFact(newcomer, cause, by), ...first]);
    for (const facts of later) await live.record(facts);
  }
}

/** The call is back on the device that had it, as the parties have it now: one fact a step. */
function reattached(live: LiveSession, party: Party): CallFact[][] {
  if (!party.detached || !party.callId) return [];
  delete party.detached;
  const holds = [
    ...(party.hold ? [live.facts(party, 'held')] : []),
    ...(live.other(party).hold ? [live.facts(party, 'remoteHeld')] : []),
  ];
  return holds.length > 0 ? holds : [[{ kind: 'reattached', callId: party.callId, at: Date.now() }]];
}
