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
  invite: Invite;
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
  fallbackOffer?(): Promise<string>;
  timeoutMs: number;
  interval: SessionInterval;
  onRinging(response: SipResponse): void;
}

/** Devices that are rung beside those that the call is for: it is being deflected. */
interface Beside {
  invites: Invite[];
  settle(outcome: 'answered' | { cause: ReleaseCause }): void;
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
  private readonly beside = new Set<Beside>();
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

  /** Rings more devices beside. Resolves when one of them is picked, or with why none is. */
  ringBeside(invites: Invite[]): Promise<'answered' | { cause: ReleaseCause }> {
    if (this.settled) return Promise.resolve({ cause: 'canceled' });
    return new Promise((settle) => {
      this.beside.add({ invites, settle });
      for (const invite of invites) this.send(invite, this.options.offer);
    });
  }

  /** Stops what `ringBeside` began. */
  cancelBeside(invites: Invite[], cause: ReleaseCause): void {
    for (const fork of this.forks) {
      if (!invites.includes(fork.invite) || fork.status !== undefined) continue;
      this.forks.delete(fork);
      fork.transaction.cancel();
    }
    this.settleBeside(invites, { cause });
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
    for (const { invites } of this.beside) {
      const answered = winner && invites.includes(winner.invite);
      this.settleBeside(invites, answered ? 'answered' : { cause: 'canceled' });
    }
  }

  private settleBeside(invites: Invite[], outcome: 'answered' | { cause: ReleaseCause }): void {
    for (const each of this.beside) {
      if (each.invites !== invites) continue;
      this.beside.delete(each);
      each.settle(outcome);
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
    this.finish({ invite: fork.invite, leg, response, offered, ack }, fork);
  }

  private receiveRefusal(fork: Fork, response: SipResponse): void {
    const { status } = response;
    if (!fork.offer && this.options.fallbackOffer && REFUSES_OFFERLESS.has(status)) {
      return this.tryWithOffer(fork, this.options.fallbackOffer);
    }
    const interval = longerInterval(response, fork.interval);
    if (interval !== undefined) return this.tryAgain(fork, fork.offer?.local, interval);
    this.settleRefused(fork);
  }

  /** Devices rung beside come to nothing by themselves; those of the call end it, if nobody is left. */
  private settleRefused({ invite, status = 0 }: Fork): void {
    const forks = [...this.forks];
    const beside = [...this.beside].find(({ invites }) => invites.includes(invite));
    const together = forks.filter((each) => !beside || beside.invites.includes(each.invite));
    const over = together.every((each) => each.status !== undefined);
    if (!over && (beside || status < 600)) return;
    const statuses = together.flatMap((each) => each.status ?? []);
    const cause = causeOfStatus(bestOf(statuses));
    if (!beside) return this.finish({ cause });
    this.settleBeside(beside.invites, { cause });
    for (const each of together) this.forks.delete(each);
    if (this.forks.size > 0 && forks.every((each) => each.status !== undefined)) {
      this.finish({ cause: causeOfStatus(bestOf([...this.forks].flatMap((each) => each.status ?? []))) });
    }
  }

  private tryWithOffer(fork: Fork, offer: () => Promise<string>): void {
    offer().then(
      (sdp) => {
        if (!this.settled) this.tryAgain(fork, sdp);
      },
      () => this.settleRefused(fork),
    );
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
