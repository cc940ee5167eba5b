import { SipParseError } from './errors.js';
import { LIMITS } from './limits.js';

export type Params = Record<string, string | true>;

/** RFC 3261 §25.1 `token`, by character code. */
const TOKEN = charTable("-.!%*_+`'~");
/** Values that need no quotes: tokens, hosts and IPv6 references. */
const BARE_VALUE = charTable("-.!%*_+`'~:[]");

/**
 * Reads `;name=value;flag` from `start` to the end of the text. Names come in lower case, quoted values without
 * their quotes; a name with an empty value counts as a flag. One pass. @throws SipParseError
 */
export function parseParams(text: string, start: number): Params {
  const params: Params = Object.create(null) as Params;
  let count = 0;
  let at = skipSpace(text, start);
  while (at < text.length) {
    if (text[at] !== ';') throw new SipParseError(`expected ";" before a parameter, found "${text[at]}"`);
    if (++count > LIMITS.params) throw new SipParseError(`more than ${LIMITS.params} parameters`);
    at = skipSpace(text, at + 1);
    const nameEnd = endOf(TOKEN, text, at);
    const name = text.slice(at, nameEnd).toLowerCase();
    if (!name) throw new SipParseError('a parameter has no name');
    if (name in params) throw new SipParseError(`the parameter ${name} stands twice`);
    at = skipSpace(text, nameEnd);
    if (text[at] !== '=') {
      params[name] = true;
      continue;
    }
    at = skipSpace(text, at + 1);
    if (text[at] === '"') {
      const end = endOfQuoted(text, at);
      params[name] = unquote(text.slice(at, end));
      at = skipSpace(text, end);
    } else {
      let end = at;
      while (end < text.length && text[end] !== ';' && !isSpace(text.charCodeAt(end))) end++;
      params[name] = text.slice(at, end) || true;
      at = skipSpace(text, end);
    }
  }
  return params;
}

export function formatParams(params: Params): string {
  let text = '';
  for (const name in params) {
    const value = params[name];
    if (value === undefined) continue;
    text += value === true ? `;${name}` : `;${name}=${isBareValue(value) ? value : quote(value)}`;
  }
  return text;
}

/** Index after the closing quote of the quoted string that begins at `start`. */
export function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  throw new SipParseError('a quoted string is not closed');
}

export function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  let text = '';
  for (let at = 0; at < inner.length; at++) {
    if (inner[at] === '\\') at++;
    text += inner[at] ?? '';
  }
  return text;
}

export function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/**
 * Splits a comma-separated list; commas in quotes and angle brackets do not count, empty elements are left out.
 * @throws SipParseError
 */
export function splitList(text: string): string[] {
  if (!text.includes(',')) return text ? [text.trim()] : [];
  const parts: string[] = [];
  let from = 0;
  let bracket = false;
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfQuoted(text, at) - 1;
    else if (char === '<') bracket = true;
    else if (char === '>') bracket = false;
    else if (char === undefined || (char === ',' && !bracket)) {
      const part = text.slice(from, at).trim();
      if (part) parts.push(part);
      if (parts.length > LIMITS.list) throw new SipParseError(`more than ${LIMITS.list} elements`);
      from = at + 1;
    }
  }
  return parts;
}

export function skipSpace(text: string, at: number): number {
  let next = at;
  while (next < text.length && isSpace(text.charCodeAt(next))) next++;
  return next;
}

export function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

export function isDigits(text: string): boolean {
  if (text.length === 0) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

export function isToken(text: string): boolean {
  return text.length > 0 && endOf(TOKEN, text, 0) === text.length;
}

export function isTokenCode(code: number): boolean {
  return TOKEN[code] === 1;
}

function isBareValue(text: string): boolean {
  return text.length > 0 && endOf(BARE_VALUE, text, 0) === text.length;
}

function endOf(allowed: Uint8Array, text: string, start: number): number {
  let at = start;
  while (at < text.length && allowed[text.charCodeAt(at)] === 1) at++;
  return at;
}

/** Letters, digits and the given characters. */
export function charTable(others: string): Uint8Array {
  const table = new Uint8Array(128);
  const all = `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789${others}`;
  for (let at = 0; at < all.length; at++) table[all.charCodeAt(at)] = 1;
  return table;
}
