import { newTag } from './dialog.js';
import { type SipRequest, type SipResponse, tagOf } from './message.js';
import { reasonOf } from './reasons.js';
import type { RespondOptions, ServerTransaction, SipTimers, Target } from './stack.js';

/** §17.2.1: the TU has this long before the stack says 100 itself. */
const TRYING_AFTER_MS = 200;

export interface ServerContext {
  timers: SipTimers;
  send(message: SipResponse, target: Target): void;
  /** A 2xx was sent to an INVITE: its ACK is to come. */
  accepted(transaction: ServerTransactionMachine): void;
  forget(transaction: ServerTransactionMachine): void;
}

type State = 'proceeding' | 'accepted' | 'completed' | 'over';

/** INVITE and other server transactions (RFC 3261 §17.2, RFC 6026 §7.1). */
export class ServerTransactionMachine implements ServerTransaction {
  onCancel?: () => void;
  onNoAck?: () => void;
  private state: State = 'proceeding';
  private last: SipResponse | undefined;
  private toTag: string | undefined;
  private resend: NodeJS.Timeout | undefined;
  private giveUp: NodeJS.Timeout | undefined;

  constructor(
    readonly request: SipRequest,
    readonly source: Target,
    readonly key: string,
    private readonly replyTo: Target,
    private readonly context: ServerContext,
  ) {
    if (this.invite) this.resend = setTimeout(() => this.respond(100), TRYING_AFTER_MS);
  }

  get finished(): boolean {
    return this.state !== 'proceeding';
  }

  private get invite(): boolean {
    return this.request.method === 'INVITE';
  }

  respond(status: number, options: RespondOptions = {}): void {
    if (this.finished) return;
    if (this.last === undefined || status >= 200) clearTimeout(this.resend);
    const response = this.responseOf(status, options);
    this.last = response;
    this.context.send(response, this.replyTo);
    if (status < 200) return;
    const { t1 } = this.context.timers;
    if (!this.invite) {
      this.state = 'completed';
      if (this.source.transport === 'tcp') return this.end();
      return this.after(64 * t1, () => this.end());
    }
    const success = status < 300;
    this.state = success ? 'accepted' : 'completed';
    if (success) this.context.accepted(this);
    if (success || this.source.transport === 'udp') this.scheduleResend(t1);
    this.after(64 * t1, () => {
      const unacknowledged = success && this.resend !== undefined;
      this.end();
      if (unacknowledged) this.onNoAck?.();
    });
  }

  drop(): void {
    this.end();
  }

  /** The same request again. */
  receiveAgain(): void {
    if (this.last && this.state !== 'accepted') this.context.send(this.last, this.replyTo);
  }

  cancelled(): void {
    if (this.finished || !this.invite) return;
    if (this.onCancel) this.onCancel();
    else this.respond(487);
  }

  /** The ACK of the final response. True for the first ACK of a 2xx, which the TU must see. */
  acknowledged(): boolean {
    const first = this.resend !== undefined;
    clearTimeout(this.resend);
    this.resend = undefined;
    const success = this.state === 'accepted';
    this.after(this.source.transport === 'udp' || success ? this.context.timers.t4 : 0, () => this.end());
    return success && first;
  }

  /** To tag of the response, by which the ACK of a 2xx is known. */
  get localTag(): string | undefined {
    return this.toTag ?? tagOf(this.request.to);
  }

  stop(): void {
    this.state = 'over';
    clearTimeout(this.resend);
    clearTimeout(this.giveUp);
    this.resend = undefined;
  }

  private responseOf(status: number, options: RespondOptions): SipResponse {
    const { request } = this;
    const inDialog = tagOf(request.to) !== undefined;
    if (!inDialog && status > 100) this.toTag ??= options.toTag ?? newTag();
    const recordRoute = request.headers['record-route'];
    return {
      kind: 'response',
      status,
      reason: options.reason ?? reasonOf(status),
      vias: request.vias,
      from: request.from,
      to:
        inDialog || this.toTag === undefined
          ? request.to
          : { ...request.to, params: { ...request.to.params, tag: this.toTag } },
      callId: request.callId,
      cseq: request.cseq,
      headers: {
        ...(recordRoute && status > 100 && status < 300 && { 'record-route': recordRoute }),
        ...options.headers,
        ...(options.body && { 'content-type': [options.contentType ?? 'application/sdp'] }),
      },
      body: options.body ?? '',
    };
  }

  private scheduleResend(interval: number): void {
    this.resend = setTimeout(() => {
      if (this.last) this.context.send(this.last, this.replyTo);
      this.scheduleResend(Math.min(interval * 2, this.context.timers.t2));
    }, interval);
  }

  private after(ms: number, act: () => void): void {
    clearTimeout(this.giveUp);
    this.giveUp = setTimeout(act, ms);
  }

  private end(): void {
    this.stop();
    this.context.forget(this);
  }
}
