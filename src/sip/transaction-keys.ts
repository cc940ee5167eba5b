import { type SipMessage, type SipRequest, tagOf } from './message.js';

const MAGIC_COOKIE = 'z9hG4bK';

/** Own branches are random: branch and CSeq method tell the client transaction (RFC 3261 §17.1.3). */
export function clientKey(message: SipMessage): string {
  return `${message.cseq.method} ${String(message.vias[0]?.params.branch)}`;
}

/**
 * Branch, sent-by and method (RFC 3261 §17.2.3); the INVITE of an ACK or CANCEL is found under `INVITE`. The branch
 * of an RFC 2543 client lacks the cookie and is not unique: Call-ID, CSeq and From tag stand in for it.
 */
export function serverKey(request: SipRequest, method: string): string {
  const via = request.vias[0];
  const sentBy = `${via?.host ?? ''}:${via?.port ?? 5060}`;
  const branch = via?.params.branch;
  if (typeof branch === 'string' && branch.startsWith(MAGIC_COOKIE)) return `${method} ${branch} ${sentBy}`;
  return `${method} ${sentBy} ${request.callId} ${request.cseq.number} ${tagOf(request.from) ?? ''}`;
}

/** The ACK of a 2xx has a branch of its own: Call-ID, CSeq and both tags tell whose it is (RFC 3261 §13.3.1.4). */
export function ackKey(request: SipRequest, localTag: string | undefined): string {
  return `${request.callId} ${request.cseq.number} ${tagOf(request.from) ?? ''} ${localTag ?? ''}`;
}

/** The same under another branch is a merged request (RFC 3261 §8.2.2.2); undefined inside a dialog. */
export function mergeKey(request: SipRequest): string | undefined {
  if (tagOf(request.to) !== undefined) return undefined;
  return `${request.callId} ${request.cseq.number} ${request.method} ${tagOf(request.from) ?? ''}`;
}
