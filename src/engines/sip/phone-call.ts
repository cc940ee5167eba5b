import { type Destination, remotePartyFor } from '../../calls/application/call-engine.js';
import { newCallId, newTrackingId } from '../../calls/application/call-ids.js';
import type { CallFact } from '../../calls/domain/call-fact.js';
import { addressOf, type User } from '../../directory/domain/user.js';
import type { SipResponse } from '../../sip/message.js';
import type { ServerTransaction } from '../../sip/stack.js';
import type { HangUp } from './hang-up.js';
import type { Legs } from './legs.js';
import { LiveSession } from './live-session.js';
import { ALLOW } from './own-headers.js';
import { onFirst, type RingParty } from './ring-party.js';
import type { Picked } from './ringing.js';
import type { Routing } from './routing.js';
import { type Invite, type Leg, newSession } from './session.js';
import { answerSessionTimer } from './session-refresh.js';
import { newLocalTag, type Sessions } from './sessions.js';
import type { SipServices } from './sip-services.js';

/** Who calls: a user on one of the devices, or somebody on the trunk. */
export interface IncomingCaller {
  /** What the called party sees. */
  address: string;
  user?: User;
  addressOfRecord?: string;
}

/** Calls that begin with an INVITE from a phone or the trunk. */
export class PhoneCall {
  constructor(
    private readonly services: SipServices,
    private readonly legs: Legs,
    private readonly routing: Routing,
    private readonly sessions: Sessions,
    private readonly ringParty: RingParty,
    private readonly hangUp: HangUp,
  ) {}

  /** Whatever goes wrong ends the call. */
  async run(incoming: ServerTransaction, from: IncomingCaller, destination: Destination): Promise<void> {
    const live = new LiveSession(newSession(newTrackingId()), this.services.recorder);
    const { caller, callee } = live.state;
    callee.invites = this.routing.invitesTo(destination, from.address, live.state.id);
    if (callee.invites.length === 0) return incoming.respond(480);

    live.incoming = incoming;
    this.sessions.add(live);
    incoming.onCancel = () => this.hangUp.endSoon(live, { cause: 'canceled', by: caller });
    try {
      await live.record(this.began(live, from, destination));
      if (!live.over) await this.connect(live, incoming, from);
    } catch (error) {
      await this.hangUp.end(live, { cause: 'engineFailure' });
      throw error;
    }
  }

  private async connect(live: LiveSession, incoming: ServerTransaction, from: IncomingCaller): Promise<void> {
    const { caller, callee } = live.state;
    const callerLeg = this.legs.fromInvite(incoming, newLocalTag(live.state.id), from.addressOfRecord);
    const offer = incoming.request.body;
    const alone = callee.invites.length === 1;
    const noteRinging = onFirst(() => live.recordSoon(live.facts(caller, 'remoteRinging')));
    const remote = await this.ringParty.ring(live, callee, {
      ...(offer && { offer }),
      onRinging: (response) => {
        if (response.status === 180) noteRinging();
        this.passRinging(incoming, callerLeg, response, alone);
      },
    });
    if (remote) await this.join(live, incoming, callerLeg, remote);
  }

  /** 18x to the caller; the announcement or tone of a single called phone passes too. */
  private passRinging(
    incoming: ServerTransaction,
    callerLeg: Leg,
    response: SipResponse,
    alone: boolean,
  ): void {
    if (incoming.finished) return;
    const body = alone && response.body ? this.legs.sdpFor(callerLeg, response.body) : undefined;
    incoming.respond(response.status === 183 ? 183 : 180, {
      ...this.dialogResponse(callerLeg),
      ...(body && { body }),
    });
  }

  private async join(
    live: LiveSession,
    incoming: ServerTransaction,
    callerLeg: Leg,
    remote: Picked,
  ): Promise<void> {
    const { caller } = live.state;
    caller.leg = callerLeg;
    const body = this.legs.sdpFor(callerLeg, remote.response.body);
    const timer = answerSessionTimer(incoming.request, Date.now());
    if (timer) callerLeg.timer = timer.timer;
    live.awaitedAcks.set(callerLeg, () => undefined);
    live.state.established = true;
    await live.record(live.facts(caller, 'answered', 'answered'));
    if (live.over || incoming.finished) return;

    live.owedAcks.delete(remote.leg);
    if (remote.offered) remote.ack();
    else {
      live.owedAcks.set(remote.leg, () => remote.ack(this.legs.answerNothing(remote.response.body)));
      live.awaitedAcks.set(callerLeg, (ack) => {
        const answer = ack?.body ? this.usable(remote.leg, ack.body) : undefined;
        if (answer === undefined) return this.hangUp.endSoon(live, { cause: 'mediaRefused', by: caller });
        live.owedAcks.delete(remote.leg);
        callerLeg.sdp.remote = ack?.body ?? '';
        remote.ack(answer);
      });
    }
    incoming.onNoAck = () => {
      live.awaitedAcks.delete(callerLeg);
      this.hangUp.endSoon(live, { cause: 'unreachable', by: caller });
    };
    const { headers, toTag } = this.dialogResponse(callerLeg);
    incoming.respond(200, { toTag, headers: { ...headers, ...timer?.headers }, body });
    live.incoming = undefined;
  }

  private usable(leg: Leg, sdp: string): string | undefined {
    try {
      return this.legs.sdpFor(leg, sdp);
    } catch {
      return undefined;
    }
  }

  private dialogResponse(leg: Leg): { headers: Record<string, string[]>; toTag: string } {
    const contact = this.legs.contact(leg.dialog.target.transport);
    return {
      headers: { contact: [contact], allow: ALLOW, supported: ['timer'] },
      toTag: leg.dialog.localTag,
    };
  }

  private began(live: LiveSession, from: IncomingCaller, destination: Destination): CallFact[] {
    const { caller, callee } = live.state;
    const common = { at: Date.now(), externalTrackingId: live.state.id };
    const facts: CallFact[] = [];
    if (from.user && from.addressOfRecord) {
      caller.callId = newCallId();
      facts.push({
        ...common,
        kind: 'originated',
        callId: caller.callId,
        owner: from.user.ref,
        remoteParty: remotePartyFor(from.user, destination.address, destination.user),
        endpoint: { addressOfRecord: from.addressOfRecord },
      });
    }
    const ringing = firstDevice(callee.invites);
    if (destination.user && ringing) {
      callee.callId = newCallId();
      facts.push({
        ...common,
        kind: 'received',
        callId: callee.callId,
        owner: destination.user.ref,
        remoteParty: remotePartyFor(destination.user, from.address, from.user),
        endpoint: { addressOfRecord: ringing },
      });
    }
    return facts;
  }
}

function firstDevice(invites: Invite[]): string | undefined {
  return invites.find((invite) => invite.addressOfRecord)?.addressOfRecord;
}

/** The address of a user who dials on a device, or undefined where the user has none. */
export function callerOf(user: User, addressOfRecord: string): IncomingCaller | undefined {
  const address = addressOf(user);
  return address === undefined ? undefined : { address, user, addressOfRecord };
}
