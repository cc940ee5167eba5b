import { SipParseError } from './errors.js';
import { LIMITS } from './limits.js';

export type Params = Record<string, string | true>;

/**
 * Reads `;name=value;flag` from `start` to the end of the text. Names come in lower case, quoted values without
 * their quotes. One pass.
 */
export function parseParams(text: string, start: number): Params {
  const params: Params = Object.create(null) as Params;
  let count = 0;
  let at = skipSpace(text, start);
  while (at < text.length) {
    if (text[at] !== ';') throw new SipParseError(`expected ";" before a parameter, found "${text[at]}"`);
    if (++count > LIMITS.params) throw new SipParseError(`more than ${LIMITS.params} parameters`);
    at = skipSpace(text, at + 1);
    const nameEnd = endOfToken(text, at);
    const name = text.slice(at, nameEnd).toLowerCase();
    if (!name) throw new SipParseError('a parameter has no name');
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
      params[name] = text.slice(at, end);
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
    text += value === true ? `;${name}` : `;${name}=${isToken(value) ? value : quote(value)}`;
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

/** Splits a comma-separated list; commas in quotes and angle brackets do not count. */
export function splitList(text: string): string[] {
  if (!text.includes(',')) return [text.trim()];
  const parts: string[] = [];
  let from = 0;
  let bracket = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfQuoted(text, at) - 1;
    else if (char === '<') bracket = true;
    else if (char === '>') bracket = false;
    else if (char === ',' && !bracket) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  parts.push(text.slice(from).trim());
  return parts.filter(Boolean);
}

export function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

export function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

function endOfToken(text: string, at: number): number {
  while (at < text.length && isTokenCode(text.charCodeAt(at))) at++;
  return at;
}

export function isToken(text: string): boolean {
  return text.length > 0 && endOfParamValue(text) === text.length;
}

/** Tokens, and what hosts and IPv6 references in Via parameters need besides. */
function endOfParamValue(text: string): number {
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (!isTokenCode(code) && code !== 58 && code !== 91 && code !== 93) break;
    at++;
  }
  return at;
}

/** RFC 3261 §25.1 `token`. */
export function isTokenCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    (code < 128 && "-.!%*_+`'~".includes(String.fromCharCode(code)))
  );
}
