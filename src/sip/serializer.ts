import { usualForm } from './header-names.js';
import type { SipMessage } from './message.js';
import { formatNameAddr, formatVia } from './name-addr.js';

/**
 * The bytes of a message, with its Content-Length.
 * @throws Error when a value holds a line break or NUL, or a header name is no token
 */
export function serializeMessage(message: SipMessage): Buffer {
  const startLine =
    message.kind === 'request'
      ? `${spaceless(message.method)} ${spaceless(message.uri)} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  let head = clean(startLine);
  for (const via of message.vias) head += `\r\nVia: ${clean(formatVia(via))}`;
  head += `\r\nFrom: ${clean(formatNameAddr(message.from))}`;
  head += `\r\nTo: ${clean(formatNameAddr(message.to))}`;
  head += `\r\nCall-ID: ${clean(message.callId)}`;
  head += `\r\nCSeq: ${message.cseq.number} ${clean(message.cseq.method)}`;
  for (const name in message.headers) {
    if (name === 'content-length') continue;
    const values = message.headers[name] as string[];
    const form = usualForm(name);
    for (const value of values) head += `\r\n${form}: ${clean(value)}`;
  }
  const length = message.body ? Buffer.byteLength(message.body) : 0;
  return Buffer.from(`${head}\r\nContent-Length: ${length}\r\n\r\n${message.body}`);
}

function clean(text: string): string {
  if (text.includes('\n') || text.includes('\r') || text.includes('\0')) {
    throw new Error('A SIP header must not hold a line break or NUL');
  }
  return text;
}

/** Of a start line; a space would move what stands behind it. */
function spaceless(text: string): string {
  if (text.includes(' ')) throw new Error('The method and URI of a SIP request must not hold a space');
  return text;
}
