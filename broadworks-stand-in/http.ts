import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Faults } from './faults.ts';
import { Refused, wrongMethod } from './errors.ts';
import { type Charset, leaf, plainDocument } from './xml.ts';

/** A request, read whole. */
export interface Asked {
  method: string;
  /** Decoded parts of the path. */
  path: string[];
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
  /** For answers that stay open. */
  response: ServerResponse;
}

export interface Answer {
  status: number;
  /** XML or JSON, as `type` says. */
  body?: string;
  type?: string;
  charset?: Charset;
  headers?: Record<string, string>;
}

/** The handler has answered by itself. */
export const STAYS_OPEN = Symbol('stays open');

const MAX_BODY = 64 * 1024;

export const XML = 'application/xml';
export const JSON_TYPE = 'application/json';

/** @throws Refused 400, 413 */
export async function asked(request: IncomingMessage, response: ServerResponse): Promise<Asked> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  if (size > MAX_BODY) throw new Refused(413, '110009', 'The body is too large.');
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  return {
    method: request.method ?? '',
    path: path.split('/').filter(Boolean).map(decoded),
    query: new URLSearchParams(query),
    headers: request.headers,
    body: Buffer.concat(chunks).toString(),
    response,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refused(400, '110010', 'The path is not valid.');
  }
}

/** Facts: Xsi-Actions, the table: "empty". */
export const DONE: Answer = { status: 200 };

/** @throws Refused 405 */
export function must({ method }: Asked, wanted: string): void {
  if (method !== wanted) throw wrongMethod();
}

/** Writes an answer to the last byte. */
export function send(response: ServerResponse, answer: Answer): void {
  const { status, body = '', type = XML, charset = 'UTF-8', headers } = answer;
  const bytes = Buffer.from(body, charset === 'UTF-8' ? 'utf8' : 'latin1');
  response.writeHead(status, {
    ...(body !== '' && { 'content-type': type === XML ? `${type}; charset=${charset}` : type }),
    'content-length': String(bytes.length),
    ...headers,
  });
  response.end(bytes);
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(value), type: JSON_TYPE };
}

/** Facts: Xsi-Actions, "Error body: ErrorInfo, sometimes ISO-8859-1". Assumption: the local summary is German. */
export function errorAnswer(refused: Refused, faults: Faults): Answer {
  const charset = faults.strikes('latin1') ? 'ISO-8859-1' : 'UTF-8';
  const content =
    leaf('', 'summary', `Zurückgewiesen: ${refused.message}`) +
    leaf('', 'summaryEnglish', refused.message) +
    leaf('', 'errorCode', refused.errorCode);
  return {
    status: refused.status,
    charset,
    body: plainDocument('ErrorInfo', content, charset),
    ...(refused.status === 401 && { headers: { 'www-authenticate': 'Basic realm="BroadWorks stand-in"' } }),
  };
}
