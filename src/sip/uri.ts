import { isIPv6 } from 'node:net';
import { SipParseError } from './errors.js';
import { LIMITS } from './limits.js';
import { charTable, isDigits, type Params, parseParams } from './params.js';

export interface SipUri {
  /** `sip`, `sips`, `tel` or another, in lower case. */
  scheme: string;
  /** Unescaped. */
  user?: string;
  password?: string;
  /** For `tel` the number; for other schemes than sip and sips all that follows the colon. */
  host: string;
  port?: number;
  /** Values as they stand, escapes and all. */
  params: Params;
  /** The text after `?`, as it stands. */
  headers?: string;
}

const SCHEME = charTable('+.-');
const HOST = charTable('-._');
/** `unreserved`, `user-unreserved`; what else is in a user part is escaped. */
const USER = charTable("-_.!~*'()&=+$,;?/");
/** `paramchar` of a URI parameter, and the percent sign of its escapes. */
const URI_PARAM = charTable("-_.!~*'()[]/:&+$%");

/** RFC 3261 §19.1. @throws SipParseError */
export function parseUri(text: string): SipUri {
  if (text.length > LIMITS.uri) throw new SipParseError(`a URI is longer than ${LIMITS.uri} characters`);
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  if (!isOf(SCHEME, scheme, 32)) throw new SipParseError('a URI has no scheme');
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
  const at = rest.indexOf('@');
  // Which one ends the user part is read differently by different elements.
  if (at !== rest.lastIndexOf('@')) throw new SipParseError('a SIP URI has two "@"');
  const question = rest.indexOf('?', at + 1);
  const headers = question < 0 ? undefined : rest.slice(question + 1);
  const hostPart = rest.slice(at + 1, question < 0 ? undefined : question);
  const semicolon = hostPart.indexOf(';');
  const { host, port } = parseHostPort(semicolon < 0 ? hostPart : hostPart.slice(0, semicolon));
  const uri: SipUri = { scheme, host, params: semicolon < 0 ? {} : parseParams(hostPart, semicolon) };
  if (port !== undefined) uri.port = port;
  if (headers !== undefined) uri.headers = headers;
  if (at >= 0) {
    const userInfo = rest.slice(0, at);
    const colon = userInfo.indexOf(':');
    const user = colon < 0 ? userInfo : userInfo.slice(0, colon);
    if (!user) throw new SipParseError('a SIP URI has an empty user');
    uri.user = unescapeUser(user);
    if (colon >= 0) uri.password = userInfo.slice(colon + 1);
  }
  return uri;
}

/** `host`, `host:port`, `[v6]:port`. @throws SipParseError */
export function parseHostPort(text: string): { host: string; port?: number } {
  const bracket = text.startsWith('[') ? text.indexOf(']') : -1;
  if (bracket < 0 && text.startsWith('[')) throw new SipParseError('an IPv6 reference is not closed');
  const colon = text.indexOf(':', bracket + 1);
  const host = (colon < 0 ? text : text.slice(0, colon)).trim();
  if (bracket >= 0) {
    if (host.length !== bracket + 1) throw new SipParseError('text follows an IPv6 reference');
    if (host.includes('%') || !isIPv6(host.slice(1, -1)))
      throw new SipParseError('an IPv6 reference is malformed');
  } else if (!isOf(HOST, host, 255)) throw new SipParseError('a host is malformed');
  if (colon < 0) return { host };
  return { host, port: parsePort(text.slice(colon + 1).trim()) };
}

/** @throws SipParseError */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!isDigits(text) || text.length > 5 || port < 1 || port > 65_535)
    throw new SipParseError('a port is malformed');
  return port;
}

/** @throws Error when a parameter has a name or a value that a URI cannot hold */
export function formatUri(uri: SipUri): string {
  const user = uri.user === undefined ? '' : escapeUser(uri.user);
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const headers = uri.headers === undefined ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${user && `${user}${password}@`}${uri.host}${port}${formatUriParams(uri.params)}${headers}`;
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

/**
 * Whether two URIs name the same user at the same host: the user by case, the host not; `sip` and `sips` alike.
 * Password, port, parameters and headers are left out. False where one of them is no URI.
 */
export function isSameAddress(a: string, b: string): boolean {
  if (a === b) return true;
  try {
    return addressOf(parseUri(a)) === addressOf(parseUri(b));
  } catch (error) {
    if (error instanceof SipParseError) return false;
    throw error;
  }
}

function addressOf({ scheme, user, host }: SipUri): string {
  return `${scheme === 'sips' ? 'sip' : scheme}:${user === undefined ? '' : `${escapeUser(user)}@`}${host.toLowerCase()}`;
}

/** Unlike those of a header, parameters of a URI cannot be quoted. */
function formatUriParams(params: Params): string {
  let text = '';
  for (const name in params) {
    const value = params[name];
    if (value === undefined) continue;
    if (!isOf(URI_PARAM, name) || (value !== true && !isOf(URI_PARAM, value)))
      throw new Error(`A URI cannot hold the parameter ${JSON.stringify(name)}`);
    text += value === true ? `;${name}` : `;${name}=${value}`;
  }
  return text;
}

function escapeUser(user: string): string {
  if (isOf(USER, user)) return user;
  let text = '';
  for (const char of user) {
    const plain = char.length === 1 && USER[char.charCodeAt(0)] === 1;
    text += plain ? char : escapeBytes(char);
  }
  return text;
}

function escapeBytes(char: string): string {
  return [...Buffer.from(char)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

function unescapeUser(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SipParseError('the user of a SIP URI has a malformed escape');
  }
}

function isOf(allowed: Uint8Array, text: string, max = Infinity): boolean {
  if (text.length === 0 || text.length > max) return false;
  for (let at = 0; at < text.length; at++) if (allowed[text.charCodeAt(at)] !== 1) return false;
  return true;
}
