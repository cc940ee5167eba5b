import { SipParseError } from './errors.js';
import { COMPACT_FORMS, LIST_HEADERS, SINGLE_HEADERS } from './header-names.js';
import { LIMITS } from './limits.js';
import type { SipMessage, Via } from './message.js';
import { isDigits, parseCSeq, parseNameAddr, parseVia } from './name-addr.js';
import { isTokenCode, splitList } from './params.js';
import { parseUri } from './uri.js';

const VERSION = 'SIP/2.0';
const CRLF = '\r\n';

/**
 * Parses one whole message: a datagram, or what the framing of a stream cut out. Bytes after Content-Length are
 * ignored (RFC 3261 §18.3). Time is linear in the size.
 * @throws SipParseError
 */
export function parseMessage(data: Buffer): SipMessage {
  if (data.length > LIMITS.message)
    throw new SipParseError(`a message is larger than ${LIMITS.message} bytes`);
  const start = leadingBlankLines(data);
  let end = data.indexOf('\r\n\r\n', start, 'latin1');
  const bodyAt = end < 0 ? data.length : end + 4;
  if (end < 0) end = data.length;
  const lines = unfold(data.toString('utf8', start, end));
  const startLine = lines.shift() ?? '';
  const headers = readHeaders(lines);
  try {
    return assemble(startLine, headers, data.subarray(bodyAt));
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    throw new SipParseError(error.message, { method: startLine.split(' ', 1)[0] ?? '', headers });
  }
}

function assemble(startLine: string, headers: Map<string, string[]>, rest: Buffer): SipMessage {
  const start = parseStartLine(startLine);
  const base = {
    vias: parseVias(headers),
    from: within('From', () => parseNameAddr(required(headers, 'from'))),
    to: within('To', () => parseNameAddr(required(headers, 'to'))),
    callId: callIdOf(headers),
    cseq: within('CSeq', () => parseCSeq(required(headers, 'cseq'))),
  };
  const body = bodyOf(headers, rest);
  const others: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [name, values] of headers) {
    if (PARSED.has(name)) continue;
    others[name] = LIST_HEADERS.has(name) ? values.flatMap(splitList) : values;
    if (ADDRESSES.has(name)) within(name, () => others[name]?.forEach(checkAddress));
  }
  checkNumber(headers, 'max-forwards', 255);
  if (start.kind === 'request' && base.cseq.method !== start.method) {
    throw new SipParseError(`CSeq is of ${base.cseq.method}, the request is ${start.method}`);
  }
  return { ...start, ...base, headers: others, body };
}

/** Checked here, so that nobody who builds a dialog on them need be afraid of what they hold. */
const ADDRESSES = new Set(['contact', 'route', 'record-route']);

function checkAddress(value: string): void {
  if (value !== '*') parseNameAddr(value);
}

const PARSED = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'content-length']);

function leadingBlankLines(data: Buffer): number {
  let at = 0;
  while (data[at] === 13 && data[at + 1] === 10) at += 2;
  return at;
}

/** Header lines, continuation lines joined to theirs (RFC 3261 §7.3.1). */
function unfold(text: string): string[] {
  const lines: string[] = [];
  let parts: string[] = [];
  let length = 0;
  const finish = () => {
    if (parts.length > 0) lines.push(parts.length === 1 ? (parts[0] as string) : parts.join(' '));
    if (lines.length > LIMITS.headerLines)
      throw new SipParseError(`more than ${LIMITS.headerLines} header lines`);
  };
  for (let from = 0; from <= text.length;) {
    let to = text.indexOf(CRLF, from);
    if (to < 0) to = text.length;
    const folded = parts.length > 0 && (text[from] === ' ' || text[from] === '\t');
    if (!folded) {
      finish();
      parts = [];
      length = 0;
    }
    length += to - from;
    if (length > LIMITS.line)
      throw new SipParseError(`a header line is longer than ${LIMITS.line} characters`);
    parts.push(folded ? text.slice(from, to).trim() : text.slice(from, to));
    from = to + 2;
  }
  finish();
  return lines;
}

function readHeaders(lines: string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new SipParseError('a header line has no name');
    const written = line.slice(0, colon).trimEnd().toLowerCase();
    for (let at = 0; at < written.length; at++) {
      if (!isTokenCode(written.charCodeAt(at))) throw new SipParseError('a header name is malformed');
    }
    const name = COMPACT_FORMS[written] ?? written;
    const value = line.slice(colon + 1).trim();
    if (value.includes('\0') || value.includes('\r') || value.includes('\n')) {
      throw new SipParseError(`${name} holds a control character`);
    }
    const values = headers.get(name);
    if (!values) headers.set(name, [value]);
    else if (SINGLE_HEADERS.has(name)) throw new SipParseError(`${name} stands twice`);
    else values.push(value);
  }
  return headers;
}

type StartLine =
  { kind: 'request'; method: string; uri: string } | { kind: 'response'; status: number; reason: string };

function parseStartLine(line: string): StartLine {
  if (line.startsWith(`${VERSION} `)) {
    const status = line.slice(8, 11);
    const after = line[11];
    if (!isDigits(status) || status < '100' || status > '699' || (after !== undefined && after !== ' ')) {
      throw new SipParseError('the status code is malformed');
    }
    return { kind: 'response', status: Number(status), reason: line.slice(12) };
  }
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  if (first < 1 || last === first)
    throw new SipParseError('the start line is neither a request nor a response');
  if (line.slice(last + 1).toUpperCase() !== VERSION) throw new SipParseError('the SIP version is not 2.0');
  const method = line.slice(0, first);
  if (method.length > 64) throw new SipParseError('the method is too long');
  for (let at = 0; at < method.length; at++) {
    if (!isTokenCode(method.charCodeAt(at))) throw new SipParseError('the method is malformed');
  }
  const uri = line.slice(first + 1, last);
  within('the request URI', () => parseUri(uri));
  return { kind: 'request', method, uri };
}

function parseVias(headers: Map<string, string[]>): Via[] {
  return within('Via', () => {
    const values = headers.get('via')?.flatMap(splitList) ?? [];
    if (values.length === 0) throw new SipParseError('is missing');
    if (values.length > LIMITS.vias) throw new SipParseError(`stands more than ${LIMITS.vias} times`);
    return values.map(parseVia);
  });
}

function callIdOf(headers: Map<string, string[]>): string {
  const callId = required(headers, 'call-id');
  if (!callId || callId.length > 512 || callId.includes(' ') || callId.includes('\t')) {
    throw new SipParseError('Call-ID is malformed');
  }
  return callId;
}

function bodyOf(headers: Map<string, string[]>, rest: Buffer): string {
  const length = checkNumber(headers, 'content-length', LIMITS.message);
  if (length === undefined) return rest.toString('utf8');
  if (rest.length < length) throw new SipParseError('the body is shorter than Content-Length');
  return length === 0 ? '' : rest.toString('utf8', 0, length);
}

function checkNumber(headers: Map<string, string[]>, name: string, max: number): number | undefined {
  const text = headers.get(name)?.[0];
  if (text === undefined) return undefined;
  if (!isDigits(text) || Number(text) > max)
    throw new SipParseError(`${name} is not a number from 0 to ${max}`);
  return Number(text);
}

function required(headers: Map<string, string[]>, name: string): string {
  const value = headers.get(name)?.[0];
  if (value === undefined) throw new SipParseError(`${name} is missing`);
  return value;
}

function within<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SipParseError) || error.message.startsWith(what)) throw error;
    throw new SipParseError(`${what}: ${error.message}`);
  }
}
