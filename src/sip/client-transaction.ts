import { createRequest } from './dialog.js';
import type { SipRequest, SipResponse } from './message.js';
import { tagOf } from './message.js';
import { reasonOf } from './reasons.js';
import { serializeMessage } from './serializer.js';
import type { ClientTransaction, SendOptions, SipTimers, Target } from './stack.js';

export interface ClientContext {
  timers: SipTimers;
  /** `onError` is called later, never from within. */
  send(data: Buffer, target: Target, onError: (error: Error) => void): void;
  /** Puts a Via with a branch of its own. */
  withVia(request: SipRequest, target: Target): SipRequest;
  /** Calls the listener; what it throws is reported and goes no further. */
  tell(listener: () => void): void;
  /** What was sent is going to be sent again. */
  repeated(): void;
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
  /** What is sent again: the request, after a refusal of an INVITE its ACK. */
  private data: Buffer | undefined;
  /** Of each 2xx by its To tag: the ACK, once there is one, sent again for each repeat. */
  private accepted: Map<string, { data: Buffer; target: Target } | undefined> | undefined;

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
    this.data = serializeMessage(this.request);
    this.transmit();
    if (this.unreliable) this.scheduleResend(t1);
    this.after(64 * t1, () => this.failLocally(408));
  }

  /** An INVITE that an earlier process sent: only its CANCEL goes out. */
  resume(): void {
    this.state = 'proceeding';
    this.cancel();
  }

  /** A response that matches. */
  receive(response: SipResponse): void {
    if (response.status < 200) this.receiveProvisional(response);
    else if (response.status < 300 && this.invite) this.receiveInviteSuccess(response);
    else this.receiveFinal(response);
  }

  cancel(): void {
    if (!this.invite || this.cancelWanted) return;
    this.cancelWanted = true;
    if (this.state === 'proceeding') this.sendCancel();
  }

  ack(response: SipResponse, ack: SipRequest, target: Target): void {
    const data = serializeMessage(this.context.withVia(ack, target));
    if (this.state === 'accepted') this.accepted?.set(tagOf(response.to) ?? '', { data, target });
    this.context.send(data, target, ignore);
  }

  /** Ends without telling anybody. */
  stop(): void {
    this.state = 'over';
    this.data = undefined;
    this.accepted = undefined;
    clearTimeout(this.resend);
    clearTimeout(this.giveUp);
  }

  private receiveProvisional(response: SipResponse): void {
    if (this.state !== 'trying' && this.state !== 'proceeding') return;
    const first = this.state === 'trying';
    this.state = 'proceeding';
    if (first && this.invite) {
      clearTimeout(this.resend);
      // The TU says how long it rings; timer C would only end what it has forgotten (§16.6 step 11).
      clearTimeout(this.giveUp);
      if (this.cancelWanted) this.sendCancel();
    } else if (first && this.unreliable) this.scheduleResend(this.context.timers.t2);
    if (response.status > 100) this.tell(response);
  }

  private receiveInviteSuccess(response: SipResponse): void {
    if (this.state === 'completed' || this.state === 'over') return;
    const tag = tagOf(response.to) ?? '';
    if (this.accepted?.has(tag)) {
      const ack = this.accepted.get(tag);
      if (ack) {
        this.context.repeated();
        this.context.send(ack.data, ack.target, ignore);
      }
      return;
    }
    if (this.state !== 'accepted') {
      this.state = 'accepted';
      this.data = undefined;
      clearTimeout(this.resend);
      this.after(64 * this.context.timers.t1, () => this.end());
    }
    this.accepted ??= new Map();
    if (this.accepted.size >= MAX_FORKS) return;
    this.accepted.set(tag, undefined);
    this.tell(response);
  }

  private receiveFinal(response: SipResponse): void {
    if (this.state === 'over' || this.state === 'accepted') return;
    if (this.state === 'completed') {
      if (this.data) this.context.repeated();
      return this.transmitAgain();
    }
    this.state = 'completed';
    clearTimeout(this.resend);
    const { t1 } = this.context.timers;
    if (this.invite) {
      this.data = serializeMessage(this.ackOf(response));
      this.transmitAgain();
    }
    // Timer D; what timer K of other requests would absorb is dropped as a stray response anyway.
    if (this.invite && this.unreliable) this.after(64 * t1, () => this.end());
    else this.end();
    this.tell(response);
  }

  /** The ACK of a non-2xx is part of the transaction (§17.1.1.3). */
  private ackOf(response: SipResponse): SipRequest {
    const ack = { ...derivedFrom(this.request, 'ACK'), to: response.to };
    return { ...ack, vias: this.request.vias };
  }

  private sendCancel(): void {
    if (this.cancelSent) return;
    this.cancelSent = true;
    this.context.sendRequest(derivedFrom(this.request, 'CANCEL'), this.target, {
      branch: this.branch,
      onResponse: ignore,
    });
    // A phone that ignores CANCEL must not keep the transaction for ever (§9.1).
    this.after(64 * this.context.timers.t1, () => this.failLocally(408));
  }

  private failLocally(status: number): void {
    if (this.state !== 'trying' && this.state !== 'proceeding') return;
    this.end();
    const { from, to, callId, cseq } = this.request;
    this.tell({
      kind: 'response',
      status,
      reason: reasonOf(status),
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

  private tell(response: SipResponse): void {
    this.context.tell(() => this.options.onResponse(response));
  }

  private transmit(): void {
    if (this.data) this.context.send(this.data, this.target, () => this.failLocally(503));
  }

  private transmitAgain(): void {
    if (this.data) this.context.send(this.data, this.target, ignore);
  }

  /** Timers A and E: twice as long each time, E never above T2 (§17.1.1.2, §17.1.2.2). */
  private scheduleResend(interval: number): void {
    clearTimeout(this.resend);
    const { t2 } = this.context.timers;
    this.resend = setTimeout(() => {
      this.context.repeated();
      this.transmit();
      this.scheduleResend(this.invite ? interval * 2 : Math.min(interval * 2, t2));
    }, interval);
  }

  private after(ms: number, act: () => void): void {
    clearTimeout(this.giveUp);
    this.giveUp = setTimeout(act, ms);
  }
}

/** More answers than a forking proxy has branches for are not believed. */
const MAX_FORKS = 32;

function ignore(): void {}

/** CANCEL and the ACK of a refusal: Request-URI, Call-ID, From, To, CSeq number and Route of the INVITE (§9.1, §17.1.1.3). */
function derivedFrom(invite: SipRequest, method: 'ACK' | 'CANCEL'): SipRequest {
  const { uri, from, to, callId, cseq, headers } = invite;
  return createRequest({
    method,
    uri,
    from,
    to,
    callId,
    cseq: cseq.number,
    ...(headers.route && { routeSet: headers.route }),
  });
}
