import type { SipParseError } from './errors.js';
import type { Via } from './message.js';
import { formatVia, parseVia } from './name-addr.js';
import { splitList } from './params.js';
import { noteSource, replyTarget } from './reply-path.js';
import type { Target } from './stack.js';

const NEEDED = ['from', 'to', 'call-id', 'cseq'] as const;

/**
 * The 400 for a request that the parser refused, and where it goes; undefined when Via, From, To, Call-ID or CSeq
 * cannot be read, and for an ACK or a response, which are never answered.
 */
export function badRequest(
  { answerable, message }: SipParseError,
  source: Target,
): { data: Buffer; replyTo: Target } | undefined {
  if (!answerable || answerable.method === 'ACK' || /^SIP\//i.test(answerable.method)) return undefined;
  const { headers } = answerable;
  const copied = NEEDED.map((name) => headers.get(name)?.[0]);
  const topLine = headers.get('via')?.[0];
  if (!topLine || copied.some((value) => !value)) return undefined;
  let top: Via;
  let others: string[];
  try {
    const [first = '', ...rest] = splitList(topLine);
    top = parseVia(first);
    others = [...rest, ...(headers.get('via') ?? []).slice(1)];
  } catch {
    return undefined;
  }
  noteSource(top, source);
  const [from, to, callId, cseq] = copied;
  const lines = [
    `SIP/2.0 400 Bad Request: ${message.replace(/[^ -~]/g, '?').slice(0, 120)}`,
    ...[formatVia(top), ...others].map((value) => `Via: ${value}`),
    `From: ${from}`,
    `To: ${to}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    'Content-Length: 0',
  ];
  return { data: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), replyTo: replyTarget(top, source) };
}
