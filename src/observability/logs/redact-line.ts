import { isCallId } from '../call-ids.js';
import { HIDDEN, hideNumber, type Redact } from './redact.js';

const SECRET_KEY = /passw|passphrase|secret|token|authori[sz]ation|credential|cookie|api.?key/i;
const NUMBER_KEY = /phone|number|calling|called|address/i;
/** Of the service's own making. */
const OWN_KEY = new Set(['time', 'level', 'traceId', 'spanId', 'route']);
const ID_KEY = new Set(['callId', 'externalTrackingId']);
const TRACKING_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MAX_CHARACTERS = 8192;
const CANNOT_BE_SHOWN = '{"level":"error","msg":"A line of the log could not be shown."}\n';

/** A line of JSON as it may leave the process: nothing that is logged passes this by. Never throws. */
export function redactLine(line: string, redact: Redact, numbersHidden: boolean): string {
  try {
    return `${JSON.stringify(shown(JSON.parse(line), '', { redact, numbersHidden }))}\n`;
  } catch {
    return CANNOT_BE_SHOWN;
  }
}

function shown(value: unknown, key: string, how: { redact: Redact; numbersHidden: boolean }): unknown {
  if (OWN_KEY.has(key)) return value;
  if (SECRET_KEY.test(key) && value !== null && typeof value !== 'boolean') return HIDDEN;
  if (typeof value === 'string') return ID_KEY.has(key) && isId(value) ? value : how.redact(cut(value));
  if (typeof value === 'number')
    return how.numbersHidden && NUMBER_KEY.test(key) ? hideNumber(String(value)) : value;
  if (Array.isArray(value)) return value.map((each) => shown(each, key, how));
  if (typeof value !== 'object' || value === null) return value;
  const entries = value as Record<string, unknown>;
  for (const [name, each] of Object.entries(entries)) {
    const shownName = how.redact(name);
    if (shownName !== name) delete entries[name];
    entries[shownName] = shown(each, name, how);
  }
  return entries;
}

const isId = (text: string) => isCallId(text) || TRACKING_ID.test(text);

function cut(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
