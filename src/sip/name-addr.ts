import { SipParseError } from './errors.js';
import { LIMITS } from './limits.js';
import type { CSeq, NameAddr, Via } from './message.js';
import {
  endOfQuoted,
  formatParams,
  isDigits,
  isSpace,
  isToken,
  isTokenCode,
  parseParams,
  quote,
  skipSpace,
  unquote,
} from './params.js';
import { parseHostPort, parsePort, parseUri } from './uri.js';

const MAX_CSEQ = 2 ** 31 - 1;

/** `"Bob" <sip:bob@host>;tag=1`, or the form without brackets. @throws SipParseError */
export function parseNameAddr(text: string): NameAddr {
  let at = skipSpace(text, 0);
  let displayName: string | undefined;
  if (text[at] === '"') {
    const end = endOfQuoted(text, at);
    displayName = unquote(text.slice(at, end));
    at = skipSpace(text, end);
    if (text[at] !== '<') throw new SipParseError('a display name is not followed by "<"');
  }
  const open = text.indexOf('<', at);
  if (open < 0) {
    const semicolon = text.indexOf(';', at);
    const uri = text.slice(at, semicolon < 0 ? undefined : semicolon).trim();
    // RFC 3261 §20.10: it is not told whose the part after "?" or "," is.
    if (uri.includes('?') || uri.includes(','))
      throw new SipParseError('a URI with "?" or "," needs "<" and ">"');
    parseUri(uri);
    return { uri, params: semicolon < 0 ? {} : parseParams(text, semicolon) };
  }
  if (displayName === undefined) displayName = tokens(text.slice(at, open).trim());
  const close = text.indexOf('>', open);
  if (close < 0) throw new SipParseError('"<" is not closed');
  const uri = text.slice(open + 1, close);
  parseUri(uri);
  const params = parseParams(text, close + 1);
  return displayName ? { displayName, uri, params } : { uri, params };
}

export function formatNameAddr({ displayName, uri, params }: NameAddr): string {
  return `${displayName ? `${quote(displayName)} ` : ''}<${uri}>${formatParams(params)}`;
}

/** RFC 3261 §20.42. @throws SipParseError */
export function parseVia(text: string): Via {
  const slash = text.indexOf('/');
  const second = text.indexOf('/', slash + 1);
  if (slash < 0 || second < 0) throw new SipParseError('Via has no protocol');
  if (text.slice(0, slash).trim().toUpperCase() !== 'SIP' || text.slice(slash + 1, second).trim() !== '2.0') {
    throw new SipParseError('Via is not of SIP/2.0');
  }
  let at = skipSpace(text, second + 1);
  const from = at;
  while (at < text.length && isTokenCode(text.charCodeAt(at))) at++;
  const transport = text.slice(from, at).toUpperCase();
  if (!transport || !isSpace(text.charCodeAt(at)))
    throw new SipParseError('Via has no transport or no sent-by');
  const semicolon = text.indexOf(';', at);
  const sentBy = text.slice(at, semicolon < 0 ? undefined : semicolon).trim();
  const params = semicolon < 0 ? {} : parseParams(text, semicolon);
  // Answers are sent there (RFC 3581 §4).
  if (typeof params.rport === 'string') parsePort(params.rport);
  return { transport, ...parseHostPort(sentBy), params };
}

export function formatVia({ transport, host, port, params }: Via): string {
  return `SIP/2.0/${transport} ${host}${port === undefined ? '' : `:${port}`}${formatParams(params)}`;
}

/** @throws SipParseError */
export function parseCSeq(text: string): CSeq {
  let at = 0;
  while (at < text.length && !isSpace(text.charCodeAt(at))) at++;
  const digits = text.slice(0, at);
  const method = text.slice(at).trim();
  if (!isDigits(digits) || digits.length > 20) throw new SipParseError('CSeq has no number');
  const number = Number(digits);
  if (number > MAX_CSEQ) throw new SipParseError(`CSeq is above ${MAX_CSEQ}`);
  if (!isToken(method) || method.length > LIMITS.method) {
    throw new SipParseError('CSeq has no method');
  }
  return { number, method };
}

/** A display name without quotes: tokens and spaces. */
function tokens(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isTokenCode(code) && !isSpace(code) && code < 128) {
      throw new SipParseError(`"${text[at]}" in a display name without quotes`);
    }
  }
  return text;
}
