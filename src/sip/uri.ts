import { SipParseError } from './errors.js';
import { LIMITS } from './limits.js';
import { formatParams, type Params, parseParams } from './params.js';

export interface SipUri {
  /** `sip`, `sips`, `tel` or another, in lower case. */
  scheme: string;
  /** Unescaped. */
  user?: string;
  password?: string;
  /** For `tel` the number; for other schemes than sip and sips all that follows the colon. */
  host: string;
  port?: number;
  params: Params;
  /** The text after `?`, as it stands. */
  headers?: string;
}

/** RFC 3261 §19.1. @throws SipParseError */
export function parseUri(text: string): SipUri {
  if (text.length > LIMITS.uri) throw new SipParseError(`a URI is longer than ${LIMITS.uri} characters`);
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  if (!isScheme(scheme)) throw new SipParseError('a URI has no scheme');
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === 127 || code === 60 || code === 62 || code === 34) {
      throw new SipParseError('a URI holds a character that it must not hold');
    }
  }
  const rest = text.slice(colon + 1);
  if (scheme === 'tel') {
    const end = rest.indexOf(';');
    const number = end < 0 ? rest : rest.slice(0, end);
    if (!number) throw new SipParseError('a tel URI has no number');
    return { scheme, host: number, params: end < 0 ? {} : parseParams(rest, end) };
  }
  if (scheme !== 'sip' && scheme !== 'sips') return { scheme, host: rest, params: {} };
  return parseSip(scheme, rest);
}

function parseSip(scheme: string, rest: string): SipUri {
  const question = rest.indexOf('?', rest.lastIndexOf('@') + 1);
  const headers = question < 0 ? undefined : rest.slice(question + 1);
  const main = question < 0 ? rest : rest.slice(0, question);
  const at = main.lastIndexOf('@');
  const hostPart = main.slice(at + 1);
  const semicolon = hostPart.indexOf(';');
  const { host, port } = parseHostPort(semicolon < 0 ? hostPart : hostPart.slice(0, semicolon));
  const uri: SipUri = { scheme, host, params: semicolon < 0 ? {} : parseParams(hostPart, semicolon) };
  if (port !== undefined) uri.port = port;
  if (headers !== undefined) uri.headers = headers;
  if (at >= 0) {
    const userInfo = main.slice(0, at);
    const colon = userInfo.indexOf(':');
    const user = colon < 0 ? userInfo : userInfo.slice(0, colon);
    if (!user) throw new SipParseError('a SIP URI has an empty user');
    uri.user = unescape(user);
    if (colon >= 0) uri.password = userInfo.slice(colon + 1);
  }
  return uri;
}

/** `host`, `host:port`, `[v6]:port`. @throws SipParseError */
export function parseHostPort(text: string): { host: string; port?: number } {
  let host = text;
  let portText: string | undefined;
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end < 0) throw new SipParseError('an IPv6 reference is not closed');
    host = text.slice(0, end + 1);
    if (!/^\[[0-9a-fA-F:.]{2,45}\]$/.test(host)) throw new SipParseError('an IPv6 reference is malformed');
    const after = text.slice(end + 1).trim();
    if (after && !after.startsWith(':')) throw new SipParseError('text follows an IPv6 reference');
    if (after) portText = after.slice(1).trim();
  } else {
    const colon = text.indexOf(':');
    if (colon >= 0) {
      host = text.slice(0, colon).trim();
      portText = text.slice(colon + 1).trim();
    }
    if (!/^[A-Za-z0-9_.-]{1,255}$/.test(host)) throw new SipParseError('a host is malformed');
  }
  if (portText === undefined) return { host };
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port < 1 || port > 65_535)
    throw new SipParseError('a port is malformed');
  return { host, port };
}

export function formatUri(uri: SipUri): string {
  const user = uri.user === undefined ? '' : escapeUser(uri.user);
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const headers = uri.headers === undefined ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${user && `${user}${password}@`}${uri.host}${port}${formatParams(uri.params)}${headers}`;
}

/** `sip:user@host:port;params` */
export function sipUri(user: string | undefined, host: string, port?: number, params: Params = {}): string {
  return formatUri({
    scheme: 'sip',
    host,
    params,
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
  });
}

function escapeUser(user: string): string {
  return encodeURIComponent(user).replace(/%(?:2B|24|26|3D|2C|3B|3F|2F)/gi, decodeURIComponent);
}

function unescape(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isScheme(text: string): boolean {
  return /^[a-z][a-z0-9+.-]{0,31}$/.test(text);
}
