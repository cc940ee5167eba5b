import { remotePartyFor, type DialOrder } from '../../calls/application/call-engine.js';
import { newCallId } from '../../calls/application/call-ids.js';
import type { CallFact } from '../../calls/domain/call-fact.js';
import type { HangUp } from './hang-up.js';
import type { Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import { onFirst, type RingParty } from './ring-party.js';
import { emptyOffer, type Picked } from './ringing.js';
import type { Routing } from './routing.js';
import { newSession, type Invite, type SessionState } from './session.js';
import type { SipServices } from './sip-services.js';

/**
 * Set-up by flow III of RFC 3725: the caller's device is rung without an offer and answered "no media yet", then
 * the called party is asked for its offer, which the device is asked to answer.
 */
export class ClickToDial {
  constructor(
    private readonly services: SipServices,
    private readonly legs: Legs,
    private readonly routing: Routing,
    private readonly ringParty: RingParty,
    private readonly hangUp: HangUp,
  ) {}

  prepare(order: DialOrder): SessionState {
    const session = newSession(order.externalTrackingId);
    session.caller.callId = order.callId;
    session.caller.invites = this.routing.invitesToUser(order.caller, order.destination.address, session.id);
    return session;
  }

  /** Never rejects: whatever goes wrong ends the call. */
  async run(live: LiveSession, order: DialOrder): Promise<void> {
    const { caller, callee } = live.state;
    const device = await this.ringParty.ring(live, caller, {
      fallbackOffer: emptyOffer(this.services.stack),
    });
    if (!device) return;
    const callees = this.routing.invitesTo(order.destination, order.callerAddress, live.state.id);
    await live.record([...this.deviceAnswered(live), ...this.received(live, order, callees)]);
    if (live.over) return;
    const noMediaYet = this.legs.answerNothing(device.response.body);
    device.ack(device.offered || !noMediaYet ? undefined : this.legs.sdpFor(device.leg, noMediaYet));
    live.owedAcks.delete(device.leg);

    if (callees.length === 0) return this.hangUp.end(live, { cause: 'unreachable', by: callee });
    callee.invites = callees;
    const remote = await this.ringParty.ring(live, callee, {
      fallbackOffer: device.response.body,
      onRinging: onFirst(() => live.recordSoon(live.facts(caller, 'remoteRinging'))),
    });
    if (remote) await this.join(live, device, remote);
  }

  /** The called party's offer goes to the caller's device, its answer back. */
  private async join(live: LiveSession, device: Picked, remote: Picked): Promise<void> {
    const { caller } = live.state;
    const offer = this.legs.sdpFor(device.leg, remote.response.body);
    const answered = await this.legs.reinvite(device.leg, offer, () => !live.over);
    if (!('ack' in answered)) {
      return this.hangUp.end(live, {
        cause: answered.status === 481 || answered.status === 408 ? 'unreachable' : 'mediaRefused',
        by: caller,
      });
    }
    if (live.over) return answered.ack();
    live.owedAcks.set(device.leg, () => answered.ack());
    const answer = this.legs.sdpFor(remote.leg, answered.response.body);
    live.state.established = true;
    await live.record(live.facts(caller, 'answered', 'answered'));
    if (live.over) return;
    live.owedAcks.clear();
    answered.ack();
    remote.ack(remote.offered ? undefined : answer);
  }

  private deviceAnswered(live: LiveSession): CallFact[] {
    const { callId, leg } = live.state.caller;
    if (!callId) return [];
    const addressOfRecord = leg?.addressOfRecord;
    return [
      {
        kind: 'deviceAnswered',
        callId,
        at: Date.now(),
        ...(addressOfRecord && { endpoint: { addressOfRecord } }),
      },
    ];
  }

  private received(live: LiveSession, order: DialOrder, callees: Invite[]): CallFact[] {
    const { user } = order.destination;
    if (!user || !callees[0]?.addressOfRecord) return [];
    live.state.callee.callId = newCallId();
    return [
      {
        kind: 'received',
        callId: live.state.callee.callId,
        at: Date.now(),
        owner: user.ref,
        externalTrackingId: live.state.id,
        remoteParty: remotePartyFor(user, order.callerAddress, order.caller),
        endpoint: { addressOfRecord: callees[0].addressOfRecord },
      },
    ];
  }
}
