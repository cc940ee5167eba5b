import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ackFor,
  dialogFromRequest,
  dialogFromResponse,
  inDialogRequest,
  nextHop,
  refreshTarget,
} from '../../sip/dialog.js';
import type { SipRequest, SipResponse } from '../../sip/message.js';
import { inactiveAnswerTo, rewriteOrigin } from '../../sip/sdp.js';
import type { SipStack } from '../../sip/sip-stack.js';
import type { ClientTransaction, ServerTransaction, Target } from '../../sip/stack.js';
import { parseUri } from '../../sip/uri.js';
import { contactOf, inviteHeaders, type SessionInterval } from './own-headers.js';
import type { Leg } from './session.js';
import type { Registrar } from './phones/registrar.js';
import { longerInterval, timerAfterResponse } from './session-refresh.js';

const TRIES = 3;

/** A 2xx whose ACK is still owed. */
export interface Answered {
  response: SipResponse;
  /** @param body the answer, where the INVITE carried no offer */
  ack(body?: string): void;
}

export function isSuccess(response: SipResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

/** SIP requests on the dialogs of a session (RFC 3261 §12.2, §14, §15). */
export class Legs {
  constructor(
    private readonly stack: SipStack,
    private readonly registrar: Registrar,
    private readonly interval: SessionInterval,
  ) {}

  fromAnswer(
    invite: SipRequest,
    response: SipResponse,
    addressOfRecord: string | undefined,
    target: Leg['dialog']['target'],
  ): Leg {
    const leg = newLeg(dialogFromResponse(invite, response, target), true, addressOfRecord);
    leg.sdp.remote = response.body;
    this.noteTimer(leg, response);
    return leg;
  }

  fromInvite(incoming: ServerTransaction, localTag: string, addressOfRecord: string | undefined): Leg {
    const leg = newLeg(
      dialogFromRequest(incoming.request, localTag, incoming.source),
      false,
      addressOfRecord,
    );
    leg.sdp.remote = incoming.request.body;
    return leg;
  }

  /** Our offer in an INVITE that may become a leg, with the o= line that the leg will have. */
  firstOffer(sdp: string): Pick<Leg['sdp'], 'id' | 'version' | 'local'> {
    const origin = { sessionId: newSdpId(), version: 1 };
    const local = rewriteOrigin(sdp, { ...origin, address: this.stack.host });
    return { id: origin.sessionId, version: origin.version, local };
  }

  /** The text to send on the leg: the other party's SDP under the leg's own o= line, its version raised when changed. */
  sdpFor(leg: Leg, sdp: string): string {
    const address = this.stack.host;
    const unchanged = rewriteOrigin(sdp, { sessionId: leg.sdp.id, version: leg.sdp.version, address });
    if (unchanged === leg.sdp.local) return unchanged;
    leg.sdp.version++;
    leg.sdp.local = rewriteOrigin(sdp, { sessionId: leg.sdp.id, version: leg.sdp.version, address });
    return leg.sdp.local;
  }

  /**
   * Re-INVITE with the offer, or without one to ask for the phone's. Glare (491) is tried again after the time that
   * RFC 3261 §14.1 gives, a session interval that is too small (422) with the one that is asked for. A refusal is
   * the other type of result.
   */
  async reinvite(
    leg: Leg,
    offer: string | undefined,
    stillWanted: () => boolean,
  ): Promise<Answered | SipResponse> {
    let interval = this.interval;
    for (let attempt = 1; ; attempt++) {
      const { transaction, response } = await this.sendReinvite(leg, offer, interval);
      if (isSuccess(response)) {
        refreshTarget(leg.dialog, response);
        this.noteTimer(leg, response);
        if (response.body) leg.sdp.remote = response.body;
        return { response, ack: (body) => this.ack(leg, transaction, response, body) };
      }
      const longer = longerInterval(response, interval);
      if (attempt === TRIES || (response.status !== 491 && longer === undefined)) return response;
      if (longer !== undefined) interval = longer;
      else await delay(leg.invited ? randomInt(210, 401) * 10 : randomInt(0, 201) * 10);
      if (!stillWanted()) return response;
    }
  }

  ack(leg: Leg, transaction: ClientTransaction, response: SipResponse, body?: string): void {
    const ack = ackFor(leg.dialog, response.cseq.number, body === undefined ? {} : { body });
    transaction.ack(response, ack, this.hop(leg));
  }

  /** ACK and BYE for a 2xx that nobody wants any more (RFC 3261 §13.2.2.4). */
  refuseAnswer(leg: Leg, transaction: ClientTransaction, response: SipResponse, wasOffered: boolean): void {
    this.ack(leg, transaction, response, wasOffered ? undefined : this.answerNothing(response.body));
    this.bye(leg);
  }

  /** An answer that takes the offer and wants no media; undefined when there is nothing to answer. */
  answerNothing(offer: string): string | undefined {
    if (!offer) return undefined;
    try {
      return inactiveAnswerTo(offer, { address: this.stack.host });
    } catch {
      return undefined;
    }
  }

  bye(leg: Leg): void {
    this.stack.sendRequest(inDialogRequest(leg.dialog, 'BYE', {}), this.hop(leg), {
      onResponse: () => undefined,
    });
  }

  /** Tells the phone how its REFER goes (RFC 3515 §2.4). @param sipfrag the first line of a response */
  notify(leg: Leg, subscription: string, sipfrag: string): void {
    const request = inDialogRequest(leg.dialog, 'NOTIFY', {
      contact: this.contact(leg.dialog.target.transport),
      headers: { event: ['refer'], 'subscription-state': [subscription] },
      body: sipfrag,
      contentType: 'message/sipfrag;version=2.0',
    });
    this.stack.sendRequest(request, this.hop(leg), { onResponse: () => undefined });
  }

  /** Passes a request such as INFO on, and its final response back. */
  async pass(leg: Leg, request: SipRequest): Promise<SipResponse> {
    const contentType = request.headers['content-type']?.[0];
    const passed = inDialogRequest(leg.dialog, request.method, {
      body: request.body,
      ...(contentType !== undefined && { contentType }),
    });
    return (await this.exchange(leg, passed)).response;
  }

  contact(transport: 'udp' | 'tcp'): string {
    return contactOf(this.stack, transport);
  }

  private sendReinvite(leg: Leg, offer: string | undefined, interval: SessionInterval) {
    const request = inDialogRequest(leg.dialog, 'INVITE', {
      contact: this.contact(leg.dialog.target.transport),
      headers: inviteHeaders(interval),
      ...(offer !== undefined && { body: offer, contentType: 'application/sdp' }),
    });
    return this.exchange(leg, request);
  }

  private exchange(
    leg: Leg,
    request: SipRequest,
  ): Promise<{ transaction: ClientTransaction; response: SipResponse }> {
    return new Promise((resolve) => {
      const transaction: ClientTransaction = this.stack.sendRequest(request, this.hop(leg), {
        onResponse: (response) => {
          if (response.status >= 200) resolve({ transaction, response });
        },
      });
    });
  }

  /**
   * A phone whose TCP connection is gone is spoken to over the one with which it has registered again (RFC 5626), or
   * over a new one to the address that it has registered: in the dialog it may have named its end of the dead one.
   */
  private hop(leg: Leg): Target {
    const next = nextHop(leg.dialog);
    if (this.stack.isReachable(next) || leg.addressOfRecord === undefined) return next;
    const contacts = this.registrar.contactsOf(leg.addressOfRecord);
    const again = contacts.find(({ target }) => this.stack.isReachable(target));
    if (again) {
      leg.dialog.target = again.target;
      return nextHop(leg.dialog);
    }
    const { user } = parseUri(leg.dialog.remoteTarget);
    const registered = contacts.find(({ contact }) => parseUri(contact).user === user);
    return registered ? nextHop({ routeSet: [], remoteTarget: registered.contact, target: next }) : next;
  }

  private noteTimer(leg: Leg, response: SipResponse): void {
    const timer = timerAfterResponse(response, Date.now());
    if (timer) leg.timer = timer;
    else delete leg.timer;
  }
}

function newLeg(dialog: Leg['dialog'], invited: boolean, addressOfRecord: string | undefined): Leg {
  return {
    dialog,
    invited,
    sdp: { id: newSdpId(), version: 0, local: '', remote: '' },
    ...(addressOfRecord !== undefined && { addressOfRecord }),
  };
}

function newSdpId(): number {
  return randomInt(1, 2 ** 31);
}
