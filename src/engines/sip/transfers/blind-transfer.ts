import { type Destination, EngineRefusal } from '../../../calls/application/call-engine.js';
import type { SipResponse } from '../../../sip/message.js';
import { releasedFact } from '../hang-up.js';
import type { LiveSession } from '../live-session.js';
import { beganFacts, calledParty, ringingDevice } from '../parties.js';
import { NotReplaced, type ReplaceParty } from './replace-party.js';
import type { Ringing } from '../ringing.js';
import type { Routing } from '../phones/routing.js';
import type { Party } from '../session.js';
import type { SipServices } from '../sip-services.js';

/** Blind transfer of an established call, and deflection of one that still rings (RFC 5359 §2.4 in effect). */
export class BlindTransfer {
  constructor(
    private readonly services: SipServices,
    private readonly routing: Routing,
    private readonly replaceParty: ReplaceParty,
  ) {}

  /** Resolves when the destination has answered. @throws NotReplaced: the call is as before */
  run(
    live: LiveSession,
    party: Party,
    destination: Destination,
    onRinging?: (response: SipResponse) => void,
  ): Promise<void> {
    return live.replace('blind', async () => {
      const other = live.other(party);
      const invites = this.routing.invitesTo(destination, other.address, live.state.id);
      if (invites.length === 0) throw new NotReplaced('unreachable');
      const newcomer = calledParty(destination, invites);
      const replacement = {
        why: 'transfer' as const,
        replaced: party,
        newcomer,
        begin: beganFacts('received', {
          party: newcomer,
          user: destination.user,
          other,
          sessionId: live.state.id,
          addressOfRecord: ringingDevice(invites),
        }),
        timeoutMs: this.services.settings.transferTimeoutMs,
        ...(onRinging && { onRinging }),
      };
      const ringing = live.ringing.get(party);
      if (!live.state.established && !ringing) throw new EngineRefusal('busy');
      await this.replaceParty.begin(live, replacement);
      if (live.state.established) await this.replaceParty.finish(live, replacement);
      else await this.deflect(live, newcomer, ringing);
    });
  }

  /** The devices of the party ring on until somebody answers: theirs or the destination's. */
  private async deflect(live: LiveSession, newcomer: Party, ringing: Ringing | undefined): Promise<void> {
    const { invites } = newcomer;
    const timer = setTimeout(
      () => ringing?.cancelBeside(invites, 'noAnswer'),
      this.services.settings.transferTimeoutMs,
    );
    const outcome = (await ringing?.ringBeside(invites)) ?? { cause: 'canceled' as const };
    clearTimeout(timer);
    if (outcome === 'answered') return;
    if (!live.over) {
      delete live.state.joining;
      await live.record(releasedFact(newcomer, outcome.cause, 'local'));
    }
    throw new NotReplaced(outcome.cause);
  }
}
