import { Logger } from '@nestjs/common';
import { type CallIds, type DialOrder, EngineRefusal } from '../../calls/application/call-engine.js';
import type { CallFact } from '../../calls/domain/call-fact.js';
import type { AudioPath } from './audio-path.js';
import type { HangUp } from './hang-up.js';
import type { Legs } from './legs.js';
import { LiveSession } from './live-session.js';
import { beganFacts, calledParty, newParty, ringingDevice } from './parties.js';
import type { RecordCalls } from './record-calls.js';
import { onFirst, type RingParty } from './ring-party.js';
import { emptyOffer, type Picked } from './ringing.js';
import type { Routing } from './phones/routing.js';
import { newSession } from './session.js';
import type { Sessions } from './sessions.js';
import type { SipServices } from './sip-services.js';

/**
 * Set-up by flow III of RFC 3725: the caller's device is rung without an offer and answered "no media yet", then
 * the called party is asked for its offer, which the device is asked to answer.
 */
export class ClickToDial {
  private readonly logger = new Logger(ClickToDial.name);

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

  /** Resolves when the call is stored; then the devices are rung. @throws EngineRefusal noDevice, StoreUnavailable */
  async begin(order: DialOrder, ids: CallIds): Promise<void> {
    const { callId, externalTrackingId: sessionId } = ids;
    const { caller: user, callerAddress, destination } = order;
    const invites = this.routing.invitesToUser(user, destination.address, sessionId);
    const party = newParty(callerAddress, user, invites);
    const other = calledParty(destination);
    const addressOfRecord = user.devices[0]?.addressOfRecord;
    const began = beganFacts('dialed', { party, user, other, sessionId, addressOfRecord, callId });
    if (began.length === 0) throw new EngineRefusal('noDevice');
    const live = new LiveSession(newSession(sessionId, party, other), this.services.recorder);
    await live.open(began);
    this.sessions.add(live);
    this.run(live, order).catch((error: unknown) => {
      if (live.over && error instanceof EngineRefusal) return;
      this.logger.error(`Click-to-dial failed: ${error instanceof Error ? error.stack : String(error)}`);
      this.hangUp.endSoon(live, { cause: 'engineFailure' });
    });
  }

  /** @throws EngineRefusal callGone when the call has ended meanwhile; whatever else goes wrong must end it */
  private async run(live: LiveSession, order: DialOrder): Promise<void> {
    const { caller, callee } = live.state;
    const device = await this.ringParty.ringOrEnd(live, caller, {
      fallbackOffer: async () => emptyOffer(this.services.stack),
    });
    if (!device) return;
    const invites = this.routing.invitesTo(order.destination, order.callerAddress, live.state.id);
    const received = beganFacts('received', {
      party: callee,
      user: order.destination.user,
      other: caller,
      sessionId: live.state.id,
      addressOfRecord: ringingDevice(invites),
    });
    await live.record([...this.deviceAnswered(live), ...received]);
    if (live.over) return;
    const noMediaYet = this.legs.answerNothing(device.response.body);
    device.ack(device.offered || !noMediaYet ? undefined : this.legs.sdpFor(device.leg, noMediaYet));
    live.owedAcks.delete(device.leg);

    if (invites.length === 0) return this.hangUp.end(live, { cause: 'unreachable', by: callee });
    callee.invites = invites;
    const remote = await this.ringParty.ringOrEnd(live, callee, {
      fallbackOffer: () => this.audio.offer(live, caller, device.response.body),
      onRinging: onFirst(() => live.recordSoon(live.facts(caller, 'remoteRinging'))),
    });
    if (remote) await this.join(live, device, remote);
  }

  /** The called party's offer goes to the caller's device, its answer back. */
  private async join(live: LiveSession, device: Picked, remote: Picked): Promise<void> {
    const { caller, callee } = live.state;
    const offer = this.legs.sdpFor(device.leg, await this.audio.offer(live, callee, remote.response.body));
    const answered = await this.legs.reinvite(device.leg, offer, () => !live.over);
    if (!('ack' in answered)) {
      return this.hangUp.end(live, {
        cause: answered.status === 481 || answered.status === 408 ? 'unreachable' : 'mediaRefused',
        by: caller,
      });
    }
    if (live.over) return answered.ack();
    live.owedAcks.set(device.leg, () => answered.ack());
    const answer = this.legs.sdpFor(
      remote.leg,
      await this.audio.answer(live, caller, answered.response.body),
    );
    Object.assign(live.state, { established: true, untold: true });
    await live.record(live.facts(caller, 'answered', 'answered'));
    if (live.over) return;
    live.owedAcks.clear();
    answered.ack();
    remote.ack(remote.offered ? undefined : answer);
    delete live.state.untold;
    await this.recordings.follow(live);
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
}
