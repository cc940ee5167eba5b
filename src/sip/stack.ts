import type { SipRequest, SipResponse } from './message.js';

/** Where a message goes to or came from. JSON, so that a dialog can be stored with it. */
export interface Target {
  transport: 'udp' | 'tcp';
  host: string;
  port: number;
  /** The TCP connection it came over, used again while it is open. Means nothing to another process. */
  connectionId?: string;
}

/** RFC 3261 §17 timer values in milliseconds; tests shorten them. */
export interface SipTimers {
  t1: number;
  t2: number;
  t4: number;
}

export interface SipStackOptions {
  /** Address to bind and to advertise in Via and Contact. */
  host: string;
  /** 0 picks a free one. UDP and TCP share it. */
  port: number;
  handlers: SipHandlers;
  timers?: Partial<SipTimers>;
  limits?: {
    /** Live transactions of both sides; a request above it is answered 503 with Retry-After. Default 100,000. */
    transactions?: number;
    tcp?: Partial<TcpLimits>;
  };
}

/** What a TCP peer may take; times in milliseconds. */
export interface TcpLimits {
  connections: number;
  connectionsPerHost: number;
  /** An accepted connection must have brought its first whole message by then. */
  firstMessageMs: number;
  /** A message must be whole so long after its first byte. */
  messageMs: number;
  /** A connection on which nothing goes either way for so long is closed. */
  idleMs: number;
  connectMs: number;
  /** Bytes that may wait for a peer that does not read. */
  unsent: number;
}

export interface SipCounts {
  /** Live client transactions. */
  clients: number;
  /** Live server transactions. */
  servers: number;
  /** INVITE server transactions with a 2xx that wait for its ACK or for repeats of it. */
  acks: number;
  /** Server transactions of requests outside of a dialog, kept to find merged requests. */
  merges: number;
  /** Open TCP connections. */
  connections: number;
  /** Since the start: messages that could not be understood. */
  malformed: number;
  /** Since the start: requests answered 503 for overload. */
  refused: number;
  /** Since the start: responses that no transaction waited for. */
  stray: number;
}

export interface SipHandlers {
  /** A new request, in or out of a dialog; never ACK, never CANCEL, never a retransmission. */
  onRequest(transaction: ServerTransaction): void;
  /** The ACK of a 2xx, once (repeats of it are dropped while its transaction is known). */
  onAck(ack: SipRequest, source: Target): void;
  /** A 2xx to an INVITE that no client transaction of this process waits for (RFC 6026 §8.3…). */
  onStrayInviteSuccess(response: SipResponse, source: Target): void;
  /** For a trace: each datagram, and each message of a connection, as it comes and before it goes, repeats too. */
  onTraffic?(data: Buffer, way: 'in' | 'out', peer: Target): void;
  /** What one of the listeners threw; a request is then answered 500. Without it the process emits a warning. */
  onError?(error: unknown): void;
}

export interface RespondOptions {
  reason?: string;
  /** Added to the headers that the stack copies (Via, From, To, Call-ID, CSeq, Record-Route in 1xx/2xx). */
  headers?: Record<string, string[]>;
  body?: string;
  /** Default `application/sdp` when there is a body. */
  contentType?: string;
  /** To tag of the response; needed from the first 101–299 on, and kept by the transaction once given. */
  toTag?: string;
}

export interface ServerTransaction {
  readonly request: SipRequest;
  /** Where the request came from (the packet's source, not the Via). */
  readonly source: Target;
  /** True once a final response was given. */
  readonly finished: boolean;
  /**
   * Sends a response; a final one once (later ones are ignored). 2xx to INVITE are retransmitted until their ACK
   * comes; `onNoAck` tells when it never does.
   */
  respond(status: number, options?: RespondOptions): void;
  /** Forgets the request without any answer, as a dead host would. */
  drop(): void;
  /** The client cancelled an INVITE that has no final response. The stack has answered the CANCEL; the listener answers 487. */
  onCancel?: () => void;
  /** 64*T1 have passed without an ACK to the 2xx (RFC 3261 §13.3.1.4). */
  onNoAck?: () => void;
}

export interface SendOptions {
  /** Branch to use, `z9hG4bK…`, chosen beforehand by a caller that stores it; else the stack picks one. */
  branch?: string;
  /** Every provisional (over 100) and final response, never a retransmitted non-2xx; time-outs and transport errors come as `local` responses. */
  onResponse(response: SipResponse): void;
}

export interface ClientTransaction {
  /** As sent, with its Via. */
  readonly request: SipRequest;
  /** INVITE only: sends CANCEL as soon as a provisional response is there (RFC 3261 §9.1); no effect after a final one. */
  cancel(): void;
  /**
   * INVITE only: sends the ACK of the 2xx `response` and again for each retransmission of it.
   * ACKs to non-2xx are the stack's own work.
   */
  ack(response: SipResponse, ack: SipRequest, target: Target): void;
}
