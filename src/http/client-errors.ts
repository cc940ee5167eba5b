import { STATUS_CODES } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { problemBody, PROBLEMS } from './problems.js';
import type { ProblemName } from './problems.js';

/** How long a client may go on sending after the answer, so that it can read it before the connection closes. */
const LINGER_MILLISECONDS = 1_000;

const BY_CODE: Record<string, ProblemName> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'requestTimeout',
  HPE_HEADER_OVERFLOW: 'headerTooLarge',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'bodyTooLarge',
};

/** Sockets that had their last answer. */
const answered = new WeakSet<Socket>();

/** What arrived is not HTTP, or not complete in time: answered on the bare socket, after the answers that are due. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (answered.has(socket)) return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  answered.add(socket);
  const name = BY_CODE[error.code ?? ''] ?? 'malformedRequest';
  afterPendingAnswers(socket, () => answerAndClose(socket, name));
}

export function answerAndClose(socket: Socket, name: ProblemName): void {
  if (!socket.writable) return;
  const { status } = PROBLEMS[name];
  const body = JSON.stringify(problemBody(name));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MILLISECONDS).unref();
}

/** Pipelined requests before the bad one keep their answers. Node keeps the current one of a socket here. */
function afterPendingAnswers(
  socket: Socket & { _httpMessage?: ServerResponse | null },
  then: () => void,
): void {
  const pending = socket._httpMessage;
  if (pending) pending.once('close', () => setImmediate(afterPendingAnswers, socket, then));
  else then();
}
