import { type Destination, EngineRefusal } from '../../calls/application/call-engine.js';
import { nameCall } from '../../calls/application/call-context.js';
import { newTrackingId } from '../../calls/application/call-ids.js';
import type { CallFact } from '../../calls/domain/call-fact.js';
import { addressOf, type User } from '../../directory/domain/user.js';
import type { SipResponse } from '../../sip/message.js';
import type { ServerTransaction } from '../../sip/stack.js';
import type { AudioPath } from './audio-path.js';
import type { HangUp } from './hang-up.js';
import type { Legs } from './legs.js';
import { LiveSession } from './live-session.js';
import { ALLOW } from './own-headers.js';
import { beganFacts, calledParty, newParty, ringingDevice } from './parties.js';
import type { RecordCalls } from './record-calls.js';
import { onFirst, type RingParty } from './ring-party.js';
import type { Picked } from './ringing.js';
import type { Routing } from './phones/routing.js';
import { type Leg, newSession } from './session.js';
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
    private readonly audio: AudioPath,
    private readonly recordings: RecordCalls,
  ) {}

  /** Whatever goes wrong ends the call. */
  async run(incoming: ServerTransaction, from: IncomingCaller, destination: Destination): Promise<void> {
    const id = newTrackingId();
    const invites = this.routing.invitesTo(destination, from.address, id);
    if (invites.length === 0) return incoming.respond(480);
    const caller = newParty(from.address, from.user);
    const live = new LiveSession(
      newSession(id, caller, calledParty(destination, invites)),
      this.services.recorder,
    );

    live.incoming = incoming;
    this.sessions.add(live);
    incoming.onCancel = () => this.hangUp.endSoon(live, { cause: 'canceled', by: caller });
    try {
      const began = this.began(live, from, destination);
      nameCall({ callId: began[0]?.callId, externalTrackingId: id });
      await live.open(began);
    } catch (error) {
      this.hangUp.discard(live);
      throw error;
    }
    try {
      if (!live.over) await this.connect(live, incoming, from);
    } catch (error) {
      if (live.over && error instanceof EngineRefusal) return;
      await this.hangUp.end(live, { cause: 'engineFailure' });
      throw error;
    }
  }

  private async connect(live: LiveSession, incoming: ServerTransaction, from: IncomingCaller): Promise<void> {
    const { caller, callee } = live.state;
    const callerLeg = this.legs.fromInvite(incoming, newLocalTag(live.state.id), from.addressOfRecord);
    const offer = incoming.request.body && (await this.audio.offer(live, caller, incoming.request.body));
    const noteRinging = onFirst(() => live.recordSoon(live.facts(caller, 'remoteRinging')));
    const remote = await this.ringParty.ringOrEnd(live, callee, {
      ...(offer && { offer }),
      onRinging: (response) => {
        if (response.status === 180) noteRinging();
        this.passRinging(live, callerLeg, response);
      },
    });
    if (remote) await this.join(live, incoming, callerLeg, remote);
  }

  /** 18x to the caller; the announcement or tone of a single called phone passes too. */
  private passRinging(live: LiveSession, callerLeg: Leg, response: SipResponse): void {
    const { callee, joining } = live.state;
    const status = response.status === 183 ? 183 : 180;
    const respond = (body: object = {}) => {
      if (!live.incoming || live.incoming.finished || live.over) return;
      live.incoming.respond(status, { ...this.dialogResponse(callerLeg), ...body });
    };
    const offered = live.incoming?.request.body;
    if (!response.body || !offered || joining || callee.invites.length > 1) return respond();
    this.audio.answer(live, callee, response.body).then(
      (sdp) => respond({ body: this.legs.sdpFor(callerLeg, sdp) }),
      () => respond(),
    );
  }

  private async join(
    live: LiveSession,
    incoming: ServerTransaction,
    callerLeg: Leg,
    remote: Picked,
  ): Promise<void> {
    const { caller, callee } = live.state;
    caller.leg = callerLeg;
    const theirs = remote.response.body;
    const body = this.legs.sdpFor(
      callerLeg,
      await (remote.offered
        ? this.audio.answer(live, callee, theirs)
        : this.audio.offer(live, callee, theirs)),
    );
    const timer = answerSessionTimer(incoming.request, Date.now());
    if (timer) callerLeg.timer = timer.timer;
    live.awaitedAcks.set(callerLeg, () => undefined);
    Object.assign(live.state, { established: true, untold: true });
    await live.record(live.facts(caller, 'answered', 'answered'));
    if (live.over || incoming.finished) return;

    live.owedAcks.delete(remote.leg);
    if (remote.offered) remote.ack();
    else {
      live.owedAcks.set(remote.leg, () => remote.ack(this.legs.answerNothing(remote.response.body)));
      live.awaitedAcks.set(callerLeg, (ack) => {
        this.passAnswer(live, remote, ack?.body ?? '').catch(() =>
          this.hangUp.endSoon(live, { cause: 'mediaRefused', by: caller }),
        );
      });
    }
    incoming.onNoAck = () => {
      live.awaitedAcks.delete(callerLeg);
      if (live.over) this.sessions.remove(live);
      this.hangUp.endSoon(live, { cause: 'unreachable', by: caller });
    };
    const { headers, toTag } = this.dialogResponse(callerLeg);
    incoming.respond(200, { toTag, headers: { ...headers, ...timer?.headers }, body });
    live.incoming = undefined;
    delete live.state.untold;
    await this.recordings.follow(live);
  }

  /** The caller's answer, in its ACK, to the called party's offer. @throws SdpError */
  private async passAnswer(live: LiveSession, remote: Picked, sdp: string): Promise<void> {
    const { caller } = live.state;
    const answer = this.legs.sdpFor(remote.leg, await this.audio.answer(live, caller, sdp));
    if (!live.owedAcks.delete(remote.leg)) return;
    if (caller.leg) caller.leg.sdp.remote = sdp;
    remote.ack(answer);
  }

  private dialogResponse(leg: Leg): { headers: Record<string, string[]>; toTag: string } {
    const contact = this.legs.contact(leg.dialog.target.transport);
    return {
      headers: { contact: [contact], allow: ALLOW, supported: ['timer'] },
      toTag: leg.dialog.localTag,
    };
  }

  private began(live: LiveSession, from: IncomingCaller, destination: Destination): CallFact[] {
    const { caller, callee, id: sessionId } = live.state;
    const originated = beganFacts('originated', {
      party: caller,
      user: from.user,
      other: callee,
      sessionId,
      addressOfRecord: from.addressOfRecord,
    });
    const received = beganFacts('received', {
      party: callee,
      user: destination.user,
      other: caller,
      sessionId,
      addressOfRecord: ringingDevice(callee.invites),
    });
    return [...originated, ...received];
  }
}

/** The address of a user who dials on a device, or undefined where the user has none. */
export function callerOf(user: User, addressOfRecord: string): IncomingCaller | undefined {
  const address = addressOf(user);
  return address === undefined ? undefined : { address, user, addressOfRecord };
}
