import { newTag } from './dialog.js';
import { type SipRequest, type SipResponse, tagOf } from './message.js';
import { reasonOf } from './reasons.js';
import { serializeMessage } from './serializer.js';
import type { RespondOptions, ServerTransaction, SipTimers, Target } from './stack.js';
import { mergeKey } from './transaction-keys.js';

/** §17.2.1: the TU has this long before the stack says 100 itself. */
const TRYING_AFTER_MS = 200;

export interface ServerContext {
  timers: SipTimers;
  send(data: Buffer, target: Target): void;
  /** Calls the listener; what it throws is reported and goes no further. */
  tell(listener: () => void): void;
  /** What was sent is going to be sent again. */
  repeated(): void;
  /** A 2xx was sent to an INVITE: its ACK is to come. */
  accepted(transaction: ServerTransactionMachine): void;
  forget(transaction: ServerTransactionMachine): void;
}

type State = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'over';

/** INVITE and other server transactions (RFC 3261 §17.2, RFC 6026 §7.1). */
export class ServerTransactionMachine implements ServerTransaction {
  onCancel?: () => void;
  onNoAck?: () => void;
  readonly merge: string | undefined;
  private state: State = 'proceeding';
  private last: Buffer | undefined;
  private toTag: string | undefined;
  private wasCancelled = false;
  private resend: NodeJS.Timeout | undefined;
  private giveUp: NodeJS.Timeout | undefined;

  constructor(
    readonly request: SipRequest,
    readonly source: Target,
    readonly key: string,
    private readonly replyTo: Target,
    private readonly context: ServerContext,
  ) {
    this.merge = mergeKey(request);
  }

  start(): void {
    if (this.invite) this.resend = setTimeout(() => this.respond(100), TRYING_AFTER_MS);
    // By then the client has given up: what the TU never answers must not stay.
    else this.after(64 * this.context.timers.t1, () => this.end());
  }

  get finished(): boolean {
    return this.state !== 'proceeding';
  }

  private get invite(): boolean {
    return this.request.method === 'INVITE';
  }

  respond(status: number, options: RespondOptions = {}): void {
    if (this.finished) return;
    if (status > 100 && this.localTag === undefined) this.toTag = options.toTag ?? newTag();
    this.last = serializeMessage(createResponse(this.request, status, { ...options, toTag: this.toTag }));
    clearTimeout(this.resend);
    this.resend = undefined;
    this.transmit();
    if (status >= 200) this.finish(status < 300);
  }

  drop(): void {
    this.end();
  }

  /** The same request again. */
  receiveAgain(): void {
    if (this.state === 'proceeding' || this.state === 'completed') this.transmitAgain();
  }

  cancelled(): void {
    if (this.finished || !this.invite || this.wasCancelled) return;
    this.wasCancelled = true;
    if (this.onCancel) this.context.tell(this.onCancel);
    else this.respond(487);
  }

  /** An ACK of the final response. True for the first ACK of a 2xx, which the TU must see. */
  acknowledged(): boolean {
    const success = this.state === 'accepted';
    if (!success && (this.state !== 'completed' || !this.invite)) return false;
    this.state = 'confirmed';
    this.last = undefined;
    clearTimeout(this.resend);
    // T4 is how long repeats of INVITE and ACK may still be on their way (timer I). RFC 6026 keeps an accepted INVITE
    // for timer L = 64*T1, which on a busy server is most of the memory and serves nothing once the ACK is there.
    if (success || this.source.transport === 'udp') this.after(this.context.timers.t4, () => this.end());
    else this.end();
    return success;
  }

  /** To tag of the responses, by which the ACK of a 2xx is known. */
  get localTag(): string | undefined {
    return this.toTag ?? tagOf(this.request.to);
  }

  stop(): void {
    this.state = 'over';
    this.last = undefined;
    clearTimeout(this.resend);
    clearTimeout(this.giveUp);
  }

  private finish(success: boolean): void {
    const { t1 } = this.context.timers;
    const accepted = success && this.invite;
    this.state = accepted ? 'accepted' : 'completed';
    if (!this.invite && this.source.transport === 'tcp') return this.end();
    if (accepted) this.context.accepted(this);
    if (accepted || (this.invite && this.source.transport === 'udp')) this.scheduleResend(t1);
    this.after(64 * t1, () => {
      const { onNoAck } = this;
      this.end();
      if (accepted && onNoAck) this.context.tell(onNoAck);
    });
  }

  private transmit(): void {
    if (this.last) this.context.send(this.last, this.replyTo);
  }

  private transmitAgain(): void {
    if (this.last) this.context.repeated();
    this.transmit();
  }

  /** Timer G, and the repeats of a 2xx: twice as long each time, never above T2 (§17.2.1, §13.3.1.4). */
  private scheduleResend(interval: number): void {
    this.resend = setTimeout(() => {
      this.transmitAgain();
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

/** The response of RFC 3261 §8.2.6; `toTag` is used where the request has none. */
export function createResponse(
  request: SipRequest,
  status: number,
  options: Omit<RespondOptions, 'toTag'> & { toTag?: string | undefined } = {},
): SipResponse {
  const { vias, from, to, callId, cseq } = request;
  const { toTag, body = '' } = options;
  const recordRoute = request.headers['record-route'];
  const tagged = status === 100 || toTag === undefined || tagOf(to) !== undefined;
  return {
    kind: 'response',
    status,
    reason: options.reason ?? reasonOf(status),
    vias,
    from,
    to: tagged ? to : { ...to, params: { ...to.params, tag: toTag } },
    callId,
    cseq,
    headers: {
      ...(recordRoute && status > 100 && status < 300 && { 'record-route': recordRoute }),
      ...options.headers,
      ...(body && { 'content-type': [options.contentType ?? 'application/sdp'] }),
    },
    body,
  };
}
