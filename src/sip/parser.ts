import { SipParseError } from './errors.js';
import { LIST_HEADERS, longForm, SINGLE_HEADERS, usualForm } from './header-names.js';
import { LIMITS } from './limits.js';
import type { SipMessage, Via } from './message.js';
import { parseCSeq, parseNameAddr, parseVia } from './name-addr.js';
import { isDigits, isToken, splitList } from './params.js';
import { parseStartLine, type StartLine } from './start-line.js';

const CRLF = '\r\n';
const CR = 13;
const LF = 10;

/** Headers that a message has as fields of its own; they are not among its `headers`. */
const PARSED = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'content-length']);
/** Checked here, so that nobody who builds a dialog on them need be afraid of what they hold. */
const ADDRESSES = new Set(['contact', 'route', 'record-route']);

/**
 * Parses one whole message: a datagram, or what the framing of a stream cut out. Bytes after Content-Length are
 * ignored (RFC 3261 §18.3); without one the body is the rest. Time is linear in the size. A NUL that is escaped in
 * a quoted string, the only place where one may be, is read as U+FFFD, since few stores and logs take a NUL.
 * @throws SipParseError
 */
export function parseMessage(data: Buffer | string): SipMessage {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  if (bytes.length > LIMITS.message)
    throw new SipParseError(`a message is larger than ${LIMITS.message} bytes`);
  const start = leadingBlankLines(bytes);
  let end = bytes.indexOf('\r\n\r\n', start, 'latin1');
  const bodyAt = end < 0 ? bytes.length : end + 4;
  if (end < 0) end = bytes.length;
  const [startLine = '', ...lines] = unfold(bytes.toString('utf8', start, end));
  const headers = new Map<string, string[]>();
  try {
    readHeaders(lines, headers);
    return assemble(parseStartLine(startLine), headers, bytes.subarray(bodyAt));
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    throw new SipParseError(error.message, { method: startLine.split(' ', 1)[0] ?? '', headers });
  }
}

function assemble(start: StartLine, headers: Map<string, string[]>, rest: Buffer): SipMessage {
  const base = {
    vias: parseVias(headers),
    from: within('From', () => parseNameAddr(required(headers, 'from'))),
    to: within('To', () => parseNameAddr(required(headers, 'to'))),
    callId: callIdOf(headers),
    cseq: within('CSeq', () => parseCSeq(required(headers, 'cseq'))),
  };
  if (start.kind === 'request' && base.cseq.method !== start.method) {
    throw new SipParseError(`CSeq is of ${base.cseq.method}, the request is ${start.method}`);
  }
  checkNumber(headers, 'max-forwards', 255);
  const body = bodyOf(headers, rest);
  const others: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [name, values] of headers) {
    if (PARSED.has(name)) continue;
    const list = LIST_HEADERS.has(name) ? within(usualForm(name), () => splitAll(values)) : values;
    if (ADDRESSES.has(name) && !(name === 'contact' && isWildcard(start, list))) {
      within(usualForm(name), () => list.forEach(parseNameAddr));
    }
    if (list.length > 0) others[name] = list;
  }
  return { ...start, ...base, headers: others, body };
}

/** RFC 3261 §10.2.2 */
function isWildcard(start: StartLine, contacts: string[]): boolean {
  return (
    start.kind === 'request' && start.method === 'REGISTER' && contacts.length === 1 && contacts[0] === '*'
  );
}

function leadingBlankLines(data: Buffer): number {
  let at = 0;
  while (data[at] === CR && data[at + 1] === LF) at += 2;
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

/** Fills `headers` as far as the lines can be read. */
function readHeaders(lines: string[], headers: Map<string, string[]>): void {
  let twice: string | undefined;
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new SipParseError('a header line has no name');
    const written = line.slice(0, colon).trimEnd();
    if (!isToken(written)) throw new SipParseError('a header name is malformed');
    const name = longForm(written);
    const value = line
      .slice(colon + 1)
      .trim()
      .replaceAll('\\\0', '\uFFFD');
    if (value.includes('\0') || value.includes('\r') || value.includes('\n')) {
      throw new SipParseError(`${usualForm(name)} holds a control character`);
    }
    const values = headers.get(name);
    if (!values) headers.set(name, [value]);
    else if (SINGLE_HEADERS.has(name)) twice = name;
    else values.push(value);
  }
  if (twice !== undefined) throw new SipParseError(`${usualForm(twice)} stands twice`);
}

function parseVias(headers: Map<string, string[]>): Via[] {
  return within('Via', () => {
    const values = splitAll(headers.get('via') ?? []);
    if (values.length === 0) throw new SipParseError('is missing');
    if (values.length > LIMITS.vias) throw new SipParseError(`stands more than ${LIMITS.vias} times`);
    return values.map(parseVia);
  });
}

function splitAll(values: string[]): string[] {
  const list = values.length === 1 ? splitList(values[0] as string) : values.flatMap(splitList);
  if (list.length > LIMITS.list) throw new SipParseError(`more than ${LIMITS.list} elements`);
  return list;
}

function callIdOf(headers: Map<string, string[]>): string {
  const callId = required(headers, 'call-id');
  if (!callId || callId.length > LIMITS.callId || callId.includes(' ') || callId.includes('\t')) {
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
    throw new SipParseError(`${usualForm(name)} is not a number from 0 to ${max}`);
  return Number(text);
}

function required(headers: Map<string, string[]>, name: string): string {
  const value = headers.get(name)?.[0];
  if (value === undefined) throw new SipParseError(`${usualForm(name)} is missing`);
  return value;
}

/** Says in which part of the message the mistake is. */
function within<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SipParseError) || error.message.toLowerCase().startsWith(what.toLowerCase()))
      throw error;
    throw new SipParseError(`${what}: ${error.message}`);
  }
}
