/** SIP messages (RFC 3261 §7) as plain data. */

export interface NameAddr {
  displayName?: string;
  /** Absolute URI without the angle brackets: `sip:foo@host;transport=tcp`. */
  uri: string;
  /** Header parameters such as `tag`; names in lower case; true for one without a value. */
  params: Record<string, string | true>;
}

export interface Via {
  /** `UDP`, `TCP`, in upper case. */
  transport: string;
  host: string;
  port?: number;
  params: Record<string, string | true>;
}

export interface CSeq {
  /** 0 to 2^31-1 */
  number: number;
  method: string;
}

/**
 * The headers that every message has, parsed, and all others raw in `headers`: name in lower-case long form
 * → values in order of appearance. Comma-separated lists are split for `contact`, `route`, `record-route`,
 * `allow`, `supported`, `require`, `proxy-require` and `unsupported`, and for no other header.
 */
interface SipMessageBase {
  vias: Via[];
  from: NameAddr;
  to: NameAddr;
  callId: string;
  cseq: CSeq;
  headers: Record<string, string[]>;
  /** UTF-8 text; empty when there is none. */
  body: string;
}

export interface SipRequest extends SipMessageBase {
  kind: 'request';
  method: string;
  uri: string;
}

export interface SipResponse extends SipMessageBase {
  kind: 'response';
  status: number;
  reason: string;
  /** Made up by the own stack (408 time-out, 503 transport error; RFC 3261 §8.1.3.1), not received. */
  local?: true;
}

export type SipMessage = SipRequest | SipResponse;

export function header(message: SipMessage, name: string): string | undefined {
  return message.headers[name]?.[0];
}

export function tagOf(address: NameAddr): string | undefined {
  const tag = address.params.tag;
  return tag === true ? undefined : tag;
}
