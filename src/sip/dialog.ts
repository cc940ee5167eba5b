import { randomFillSync } from 'node:crypto';
import { isIPv4 } from 'node:net';
import {
  header,
  type NameAddr,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  tagOf,
} from './message.js';
import { parseNameAddr } from './name-addr.js';
import type { Target } from './stack.js';
import { parseUri } from './uri.js';

/** A confirmed or early dialog (RFC 3261 §12) as JSON. */
export interface DialogState {
  callId: string;
  localTag: string;
  remoteTag: string;
  localUri: string;
  remoteUri: string;
  localCseq: number;
  /** null until the other side has sent a request. */
  remoteCseq: number | null;
  /** URI of the remote Contact. */
  remoteTarget: string;
  /** Route header values, first hop first. */
  routeSet: string[];
  /** Where the peer was heard, or where it was first sent to. */
  target: Target;
}

export const MAX_FORWARDS = '70';

/** RFC 3261 §19.3 */
export function newTag(): string {
  return randomHex(8);
}

export function newCallId(host: string): string {
  return `${randomHex(16)}@${host}`;
}

/** RFC 3261 §8.1.1.7, 128 random bits. */
export function newBranch(): string {
  return `z9hG4bK${randomHex(16)}`;
}

const pool = Buffer.alloc(4096);
let poolUsed = pool.length;

/** From a pool, since a system call for each id would be most of its cost. */
function randomHex(bytes: number): string {
  if (poolUsed + bytes > pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  poolUsed += bytes;
  return pool.toString('hex', poolUsed - bytes, poolUsed);
}

export interface NewRequest {
  method: string;
  uri: string;
  from: NameAddr;
  to: NameAddr;
  callId: string;
  cseq: number;
  contact?: string;
  headers?: Record<string, string[]>;
  body?: string;
  contentType?: string;
  routeSet?: string[];
}

/** A request without Via, which the stack puts. */
export function createRequest(given: NewRequest): SipRequest {
  const { method, uri, from, to, callId, cseq, contact, body = '', contentType, routeSet = [] } = given;
  return {
    kind: 'request',
    method,
    uri,
    vias: [],
    from,
    to,
    callId,
    cseq: { number: cseq, method },
    headers: {
      ...(routeSet.length > 0 && { route: routeSet }),
      'max-forwards': [MAX_FORWARDS],
      ...(contact !== undefined && { contact: [contact] }),
      ...given.headers,
      ...(body && { 'content-type': [contentType ?? 'application/sdp'] }),
    },
    body,
  };
}

/** The caller's dialog after a 1xx with a tag or a 2xx (§12.1.2). @param target where the INVITE was sent */
export function dialogFromResponse(invite: SipRequest, response: SipResponse, target: Target): DialogState {
  return {
    callId: invite.callId,
    localTag: tagOf(invite.from) ?? '',
    remoteTag: tagOf(response.to) ?? '',
    localUri: invite.from.uri,
    remoteUri: invite.to.uri,
    localCseq: invite.cseq.number,
    remoteCseq: null,
    remoteTarget: contactUri(response) ?? invite.uri,
    routeSet: (response.headers['record-route'] ?? []).toReversed(),
    target,
  };
}

/** The dialog of a 2xx whose INVITE is not known any more. @param source where it came from */
export function dialogFromStrayResponse(response: SipResponse, source: Target): DialogState {
  return {
    callId: response.callId,
    localTag: tagOf(response.from) ?? '',
    remoteTag: tagOf(response.to) ?? '',
    localUri: response.from.uri,
    remoteUri: response.to.uri,
    localCseq: response.cseq.number,
    remoteCseq: null,
    remoteTarget: contactUri(response) ?? response.to.uri,
    routeSet: (response.headers['record-route'] ?? []).toReversed(),
    target: source,
  };
}

/** The called party's dialog (§12.1.1). @param source where the INVITE came from */
export function dialogFromRequest(invite: SipRequest, localTag: string, source: Target): DialogState {
  return {
    callId: invite.callId,
    localTag,
    remoteTag: tagOf(invite.from) ?? '',
    localUri: invite.to.uri,
    remoteUri: invite.from.uri,
    localCseq: 0,
    remoteCseq: invite.cseq.number,
    remoteTarget: contactUri(invite) ?? invite.from.uri,
    routeSet: [...(invite.headers['record-route'] ?? [])],
    target: source,
  };
}

/** The next request in the dialog (§12.2.1.1); raises its CSeq. */
export function inDialogRequest(
  dialog: DialogState,
  method: string,
  options: Pick<NewRequest, 'contact' | 'headers' | 'body' | 'contentType'> = {},
): SipRequest {
  dialog.localCseq++;
  return requestOf(dialog, method, dialog.localCseq, options);
}

/** The ACK of a 2xx (§13.2.2.4): the CSeq number of its INVITE. @param body the answer, where the 2xx held an offer */
export function ackFor(dialog: DialogState, inviteCseq: number, options: { body?: string } = {}): SipRequest {
  return requestOf(dialog, 'ACK', inviteCseq, options);
}

function requestOf(
  dialog: DialogState,
  method: string,
  cseq: number,
  options: Pick<NewRequest, 'contact' | 'headers' | 'body' | 'contentType'>,
): SipRequest {
  const { uri, routeSet } = routed(dialog);
  return createRequest({
    ...options,
    method,
    uri,
    from: { uri: dialog.localUri, params: { tag: dialog.localTag } },
    to: { uri: dialog.remoteUri, params: dialog.remoteTag ? { tag: dialog.remoteTag } : {} },
    callId: dialog.callId,
    cseq,
    routeSet,
  });
}

/** Loose routing, or the strict routing of RFC 2543 proxies (§12.2.1.1). */
function routed({ routeSet, remoteTarget }: DialogState): { uri: string; routeSet: string[] } {
  const first = routeSet[0];
  if (first === undefined) return { uri: remoteTarget, routeSet: [] };
  const { uri } = parseNameAddr(first);
  if ('lr' in parseUri(uri).params) return { uri: remoteTarget, routeSet };
  return { uri, routeSet: [...routeSet.slice(1), `<${remoteTarget}>`] };
}

/** Notes a request of the other side (§12.2.2): its CSeq must grow, and INVITE and UPDATE refresh the target. */
export function acceptInDialog(dialog: DialogState, request: SipRequest): 'ok' | 'outOfOrder' {
  if (dialog.remoteCseq !== null && request.cseq.number <= dialog.remoteCseq) return 'outOfOrder';
  dialog.remoteCseq = request.cseq.number;
  if (request.method === 'INVITE' || request.method === 'UPDATE') refreshTarget(dialog, request);
  return 'ok';
}

export function refreshTarget(dialog: DialogState, message: SipMessage): void {
  dialog.remoteTarget = contactUri(message) ?? dialog.remoteTarget;
}

/**
 * Where requests of the dialog are sent: the first route or else the Contact (RFC 3261 §12.2.1.1), except that the
 * peer is spoken to where it was heard when
 * - it came over a TCP connection: that is used while it is open, and then a new one to the route or Contact;
 * - the Contact is of no use from here: a host name (names are not resolved), an unsupported transport, or a private
 *   address that is not the one it came from (a phone behind NAT).
 */
export function nextHop({
  routeSet,
  remoteTarget,
  target,
}: Pick<DialogState, 'routeSet' | 'remoteTarget' | 'target'>): Target {
  const first = routeSet[0];
  const named = hopOf(first === undefined ? remoteTarget : parseNameAddr(first).uri);
  if (!named) return target;
  if (target.transport === 'tcp' && target.connectionId !== undefined) {
    return { ...named, transport: 'tcp', connectionId: target.connectionId };
  }
  if (first === undefined && named.host !== target.host && isHidden(named.host, target.host)) return target;
  return named;
}

/** Undefined for what cannot be reached without a resolver or another transport. */
function hopOf(uri: string): Target | undefined {
  const { scheme, host, port = 5060, params } = parseUri(uri);
  const transport = String(params.transport ?? 'udp').toLowerCase();
  if (scheme !== 'sip' || !isIPv4(host) || (transport !== 'udp' && transport !== 'tcp')) return undefined;
  return { transport, host, port };
}

const PRIVATE =
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.)/;
const LOOPBACK = /^127\./;

/** Loopback addresses reach one another. */
function isHidden(host: string, heard: string): boolean {
  return PRIVATE.test(host) || (LOOPBACK.test(host) && !LOOPBACK.test(heard));
}

/** Leaves a gap in CSeq, for a process that does not know what the former one sent last. */
export function skipAhead(dialog: DialogState, by: number): void {
  dialog.localCseq += by;
}

function contactUri(message: SipMessage): string | undefined {
  const contact = header(message, 'contact');
  return contact === undefined ? undefined : parseNameAddr(contact).uri;
}
