import { isToken } from './params.js';

/** RFC 3261 §7.3.3 and the extensions in use. */
const COMPACT_FORMS = new Map(
  Object.entries({
    a: 'accept-contact',
    b: 'referred-by',
    c: 'content-type',
    d: 'request-disposition',
    e: 'content-encoding',
    f: 'from',
    i: 'call-id',
    j: 'reject-contact',
    k: 'supported',
    l: 'content-length',
    m: 'contact',
    o: 'event',
    r: 'refer-to',
    s: 'subject',
    t: 'to',
    u: 'allow-events',
    v: 'via',
    x: 'session-expires',
  }),
);

/** The long form in lower case. */
export function longForm(name: string): string {
  const lower = name.toLowerCase();
  return COMPACT_FORMS.get(lower) ?? lower;
}

/** Comma-separated lists that the parser splits. */
export const LIST_HEADERS: ReadonlySet<string> = new Set([
  'contact',
  'route',
  'record-route',
  'allow',
  'supported',
  'require',
  'proxy-require',
  'unsupported',
]);

/** Headers that a message must not repeat. */
export const SINGLE_HEADERS: ReadonlySet<string> = new Set([
  'from',
  'to',
  'call-id',
  'cseq',
  'max-forwards',
  'content-length',
  'content-type',
  'expires',
  'min-expires',
  'session-expires',
  'min-se',
  'refer-to',
  'referred-by',
  'replaces',
  'rack',
  'rseq',
]);

const USUAL_FORMS = new Map(
  Object.entries({
    'call-id': 'Call-ID',
    cseq: 'CSeq',
    'www-authenticate': 'WWW-Authenticate',
    'min-se': 'Min-SE',
    rack: 'RAck',
    rseq: 'RSeq',
    'mime-version': 'MIME-Version',
  }),
);
const written = new Map<string, string>();

/** `max-forwards` → `Max-Forwards`. @throws Error for what is no header name */
export function usualForm(name: string): string {
  let form = written.get(name);
  if (form === undefined) {
    if (!isToken(name)) throw new Error('A SIP header name must be a token');
    form = USUAL_FORMS.get(name) ?? name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
    if (written.size < 500) written.set(name, form);
  }
  return form;
}
