import { createRequest, newBranch } from '../../sip/dialog.js';
import type { SipRequest, SipResponse } from '../../sip/message.js';
import { inactiveOffer } from '../../sip/sdp.js';
import type { SipStack } from '../../sip/sip-stack.js';
import type { ClientTransaction } from '../../sip/stack.js';
import type { ReleaseCause } from '../../calls/domain/call.js';
import { bestOf, causeOfStatus } from './causes.js';
import { isSuccess, type Legs } from './legs.js';
import { contactOf, inviteHeaders, type SessionInterval } from './own-headers.js';
import type { Invite, Leg } from './session.js';
import { longerInterval } from './session-refresh.js';

/** One device answered: its leg, whose ACK is owed. */
export interface Picked {
  leg: Leg;
  response: SipResponse;
  /** Whether our INVITE carried the offer, so that the response holds the answer. */
  offered: boolean;
  ack(body?: string): void;
}

export interface RingingOptions {
  invites: Invite[];
  /** Our offer; without one the phone is asked for its own (RFC 3725 flow III). */
  offer?: string;
  /** For phones that refuse an INVITE without an offer (flow II). */
  fallbackOffer?: string;
  timeoutMs: number;
  interval: SessionInterval;
  onRinging(response: SipResponse): void;
}

interface Fork {
  invite: Invite;
  interval: SessionInterval;
  transaction: ClientTransaction;
  /** Of our offer, where the INVITE carries one. */
  offer?: Pick<Leg['sdp'], 'id' | 'version' | 'local'>;
  status?: number;
}

const REFUSES_OFFERLESS = new Set([400, 415, 420, 488, 606]);

/**
 * Rings all devices of a party at once (RFC 3261 §16.7 in spirit): the first to answer is picked, the others are
 * cancelled, and an answer that comes too late is acknowledged and hung up.
 */
export class Ringing {
  /** Resolves once, with the device that answered or why none did. Never rejects. */
  readonly outcome: Promise<Picked | { cause: ReleaseCause }>;
  private settle!: (outcome: Picked | { cause: ReleaseCause }) => void;
  private settled = false;
  private readonly forks = new Set<Fork>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly stack: SipStack,
    private readonly legs: Legs,
    private readonly options: RingingOptions,
  ) {
    this.outcome = new Promise((resolve) => {
      this.settle = resolve;
    });
    this.timer = setTimeout(() => this.cancel('noAnswer'), options.timeoutMs);
    for (const invite of options.invites) this.send(invite, options.offer);
    if (options.invites.length === 0) this.cancel('unreachable');
  }

  /** Stops the ringing; `outcome` resolves with the cause at once. */
  cancel(cause: ReleaseCause): void {
    this.finish({ cause });
  }

  /** Leaves everything to the next process: the phones keep ringing, `outcome` stays open. */
  abandon(): void {
    this.settled = true;
    clearTimeout(this.timer);
  }

  private finish(outcome: Picked | { cause: ReleaseCause }, winner?: Fork): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.timer);
    this.settle(outcome);
    for (const fork of this.forks) {
      if (fork !== winner && fork.status === undefined) fork.transaction.cancel();
    }
  }

  private send(
    invite: Invite,
    offer: string | undefined,
    interval: SessionInterval = this.options.interval,
  ): void {
    const ours = offer === undefined ? undefined : this.legs.firstOffer(offer);
    const request = inviteRequest(this.stack, invite, interval, ours?.local);
    const transaction = this.stack.sendRequest(request, invite.target, {
      branch: invite.branch,
      onResponse: (response) => this.receive(fork, response),
    });
    const fork: Fork = { invite, interval, transaction, ...(ours && { offer: ours }) };
    this.forks.add(fork);
  }

  private receive(fork: Fork, response: SipResponse): void {
    if (response.status < 200) {
      if (!this.settled && response.status > 100) this.options.onRinging(response);
    } else if (isSuccess(response)) {
      this.receiveAnswer(fork, response);
    } else if (fork.status === undefined) {
      fork.status = response.status;
      if (!this.settled) this.receiveRefusal(fork, response);
    }
  }

  private receiveAnswer(fork: Fork, response: SipResponse): void {
    fork.status ??= response.status;
    const leg = this.legs.fromAnswer(
      fork.transaction.request,
      response,
      fork.invite.addressOfRecord,
      fork.invite.target,
    );
    const offered = fork.offer !== undefined;
    Object.assign(leg.sdp, fork.offer);
    if (this.settled) return this.legs.refuseAnswer(leg, fork.transaction, response, offered);
    const ack = (body?: string) => this.legs.ack(leg, fork.transaction, response, body);
    this.finish({ leg, response, offered, ack }, fork);
  }

  private receiveRefusal(fork: Fork, response: SipResponse): void {
    const { status } = response;
    if (!fork.offer && this.options.fallbackOffer && REFUSES_OFFERLESS.has(status)) {
      return this.tryAgain(fork, this.options.fallbackOffer);
    }
    const interval = longerInterval(response, fork.interval);
    if (interval !== undefined) return this.tryAgain(fork, fork.offer?.local, interval);
    const statuses = [...this.forks].map((each) => each.status);
    if (status >= 600 || statuses.every((each) => each !== undefined)) {
      this.finish({ cause: causeOfStatus(bestOf(statuses.filter((each) => each !== undefined))) });
    }
  }

  private tryAgain(fork: Fork, offer: string | undefined, interval?: SessionInterval): void {
    this.forks.delete(fork);
    const { invite } = fork;
    invite.cseq++;
    invite.branch = newBranch();
    this.send(invite, offer, interval);
  }
}

/** An offer without media of its own, for phones that want one in the INVITE. */
export function emptyOffer(stack: SipStack): string {
  return inactiveOffer({ address: stack.host });
}

function inviteRequest(
  stack: SipStack,
  invite: Invite,
  interval: SessionInterval,
  offer: string | undefined,
): SipRequest {
  return createRequest({
    method: 'INVITE',
    uri: invite.uri,
    from: { uri: invite.fromUri, params: { tag: invite.localTag } },
    to: { uri: invite.toUri, params: {} },
    callId: invite.callId,
    cseq: invite.cseq,
    contact: contactOf(stack, invite.target.transport),
    headers: inviteHeaders(interval),
    ...(offer !== undefined && { body: offer, contentType: 'application/sdp' }),
  });
}
