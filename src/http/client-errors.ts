import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEM_TYPE, problemBody, PROBLEMS } from './problems.js';
import type { ProblemName } from './problems.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';

/** How long a client may go on sending after the answer, so that it can read it before the connection closes. */
const LINGER_MILLISECONDS = 500;

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
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n${REQUEST_ID_HEADER}: ${randomUUID()}\r\nConnection: close\r\n\r\n${body}`,
  );
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MILLISECONDS).unref();
}

/**
 * Pipelined requests before the bad one keep their answers. Node keeps the current one of a socket here; one that
 * has not arrived completely is the bad one itself.
 */
function afterPendingAnswers(
  socket: Socket & { _httpMessage?: ServerResponse | null },
  then: () => void,
): void {
  const pending = socket._httpMessage;
  if (pending?.req.complete) pending.once('close', () => setImmediate(afterPendingAnswers, socket, then));
  else then();
}

/** Waits, not for long, for a client to send the rest of a body that nobody reads. */
export function afterBody(request: IncomingMessage, then: () => void): void {
  if (request.complete) {
    then();
    return;
  }
  const timer = setTimeout(done, LINGER_MILLISECONDS);
  function done() {
    clearTimeout(timer);
    request.off('end', done).off('close', done);
    then();
  }
  request.once('end', done).once('close', done).resume();
}

/** RFC 9110 §10.1.1: an `Expect` other than `100-continue`. */
export function refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
  const { status } = PROBLEMS.expectationFailed;
  const body = JSON.stringify(problemBody('expectationFailed', request.url));
  response
    .writeHead(status, {
      'content-type': PROBLEM_TYPE,
      'content-length': Buffer.byteLength(body),
      [REQUEST_ID_HEADER]: requestIdOf(request),
    })
    .end(body);
}
