import { createRequest } from './dialog.js';
import type { SipRequest, SipResponse } from './message.js';
import { tagOf } from './message.js';
import type { ClientTransaction, SendOptions, SipTimers, Target } from './stack.js';

export interface ClientContext {
  timers: SipTimers;
  send(message: SipRequest, target: Target, onError: (error: Error) => void): void;
  /** The transaction is over; nothing refers to it any more. */
  forget(transaction: ClientTransactionMachine): void;
  /** Starts another request of the stack's own, such as CANCEL. */
  sendRequest(request: SipRequest, target: Target, options: SendOptions): ClientTransaction;
}

type State = 'trying' | 'proceeding' | 'completed' | 'accepted' | 'over';

/** INVITE and other client transactions (RFC 3261 §17.1, RFC 6026 §7.2). */
export class ClientTransactionMachine implements ClientTransaction {
  private state: State = 'trying';
  private resend: NodeJS.Timeout | undefined;
  private giveUp: NodeJS.Timeout | undefined;
  private cancelWanted = false;
  private cancelSent = false;
  /** ACKs of 2xx by To tag, sent again for each repeated 2xx. */
  private acks: Map<string, { ack: SipRequest; target: Target }> | undefined;

  constructor(
    readonly request: SipRequest,
    readonly branch: string,
    private readonly target: Target,
    private readonly options: SendOptions,
    private readonly context: ClientContext,
  ) {}

  private get invite(): boolean {
    return this.request.method === 'INVITE';
  }

  private get unreliable(): boolean {
    return this.target.transport === 'udp';
  }

  start(): void {
    const { t1 } = this.context.timers;
    this.transmit(this.request);
    if (this.unreliable) this.scheduleResend(t1);
    this.after(64 * t1, () => this.timeOut());
  }

  /** A response that matches. */
  receive(response: SipResponse): void {
    if (response.status < 200) this.receiveProvisional(response);
    else if (response.status < 300 && this.invite) this.receiveInviteSuccess(response);
    else this.receiveFinal(response);
  }

  cancel(): void {
    if (!this.invite || this.state === 'completed' || this.state === 'accepted' || this.state === 'over')
      return;
    this.cancelWanted = true;
    if (this.state === 'proceeding') this.sendCancel();
  }

  ack(response: SipResponse, ack: SipRequest, target: Target): void {
    const sent = { ack, target };
    this.acks ??= new Map();
    this.acks.set(tagOf(response.to) ?? '', sent);
    this.context.send(ack, target, () => undefined);
  }

  /** Ends without telling anybody. */
  stop(): void {
    this.state = 'over';
    clearTimeout(this.resend);
    clearTimeout(this.giveUp);
  }

  private receiveProvisional(response: SipResponse): void {
    if (this.state !== 'trying' && this.state !== 'proceeding') return;
    const first = this.state === 'trying';
    this.state = 'proceeding';
    if (this.invite) {
      clearTimeout(this.resend);
      // The TU says how long it rings; timer C would only end what it has forgotten (§16.6 step 11).
      if (first) clearTimeout(this.giveUp);
      if (this.cancelWanted) this.sendCancel();
    } else if (first && this.unreliable) {
      this.scheduleResend(this.context.timers.t2);
    }
    if (response.status > 100) this.options.onResponse(response);
  }

  private receiveInviteSuccess(response: SipResponse): void {
    if (this.state === 'completed' || this.state === 'over') return;
    const known = this.acks?.get(tagOf(response.to) ?? '');
    if (known) return this.context.send(known.ack, known.target, () => undefined);
    if (this.state !== 'accepted') {
      this.state = 'accepted';
      clearTimeout(this.resend);
      this.after(64 * this.context.timers.t1, () => this.end());
      this.acceptedTags = new Set([tagOf(response.to) ?? '']);
      return this.options.onResponse(response);
    }
    const tag = tagOf(response.to) ?? '';
    if (this.acceptedTags?.has(tag)) return;
    this.acceptedTags?.add(tag);
    this.options.onResponse(response);
  }
  private acceptedTags: Set<string> | undefined;

  private receiveFinal(response: SipResponse): void {
    if (this.state === 'over' || this.state === 'accepted') return;
    if (this.invite) this.transmitAck(response);
    if (this.state === 'completed') return;
    this.state = 'completed';
    clearTimeout(this.resend);
    const { t1, t4 } = this.context.timers;
    if (this.unreliable) this.after(this.invite ? 64 * t1 : t4, () => this.end());
    else this.end();
    this.options.onResponse(response);
  }

  /** The ACK of a non-2xx is part of the transaction (§17.1.1.3). */
  private transmitAck(response: SipResponse): void {
    const { request } = this;
    const route = request.headers.route;
    this.context.send(
      {
        ...createRequest({
          method: 'ACK',
          uri: request.uri,
          from: request.from,
          to: response.to,
          callId: request.callId,
          cseq: request.cseq.number,
          ...(route && { routeSet: route }),
        }),
        vias: request.vias,
      },
      this.target,
      () => undefined,
    );
  }

  private sendCancel(): void {
    if (this.cancelSent) return;
    this.cancelSent = true;
    this.context.sendRequest(cancelOf(this.request), this.target, {
      branch: this.branch,
      onResponse: () => undefined,
    });
    // A phone that ignores CANCEL must not keep the transaction for ever (§9.1).
    this.after(64 * this.context.timers.t1, () => this.timeOut());
  }

  private timeOut(): void {
    if (this.state === 'completed' || this.state === 'accepted') return this.end();
    this.failLocally(408, 'Request Timeout');
  }

  private failLocally(status: number, reason: string): void {
    if (this.state !== 'trying' && this.state !== 'proceeding') return;
    this.end();
    const { from, to, callId, cseq } = this.request;
    this.options.onResponse({
      kind: 'response',
      status,
      reason,
      vias: [],
      from,
      to,
      callId,
      cseq,
      headers: {},
      body: '',
      local: true,
    });
  }

  private end(): void {
    this.stop();
    this.context.forget(this);
  }

  private transmit(message: SipRequest): void {
    this.context.send(message, this.target, () => this.failLocally(503, 'Service Unavailable'));
  }

  private scheduleResend(interval: number): void {
    clearTimeout(this.resend);
    const { t2 } = this.context.timers;
    this.resend = setTimeout(() => {
      this.transmit(this.request);
      const next = this.state === 'proceeding' ? t2 : this.invite ? interval * 2 : Math.min(interval * 2, t2);
      if (this.state === 'trying' || this.state === 'proceeding') this.scheduleResend(next);
    }, interval);
  }

  private after(ms: number, act: () => void): void {
    clearTimeout(this.giveUp);
    this.giveUp = setTimeout(act, ms);
  }
}

/** RFC 3261 §9.1 */
export function cancelOf(
  invite: Pick<SipRequest, 'uri' | 'from' | 'to' | 'callId' | 'cseq'> & Partial<SipRequest>,
): SipRequest {
  const route = invite.headers?.route;
  return createRequest({
    method: 'CANCEL',
    uri: invite.uri,
    from: invite.from,
    to: invite.to,
    callId: invite.callId,
    cseq: invite.cseq.number,
    ...(route && { routeSet: route }),
  });
}
