import { connect } from 'node:net';
import { answer } from '../support/asked.ts';

interface HttpLoad {
  port: number;
  path: string;
  token: string;
  connections: number;
  milliseconds: number;
  /** The body that each answer must have. */
  body: string;
}

export interface HttpLoadResult {
  requests: number;
  /** What an answer was instead, the first time. */
  wrong: string | undefined;
}

/**
 * The same GET again and again over kept connections, one request at a time on each. Answers are compared in their
 * status and end: a client that takes them apart would be slower than the servers it measures. It never sleeps while
 * it waits: waking it would be charged to a server's write, and the more often the slower the server is.
 */
async function load({
  port,
  path,
  token,
  connections,
  milliseconds,
  body,
}: HttpLoad): Promise<HttpLoadResult> {
  const request = Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  );
  const result: HttpLoadResult = { requests: 0, wrong: undefined };
  const until = performance.now() + milliseconds;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      let answered = '';
      socket.setEncoding('latin1');
      socket.on('connect', () => socket.write(request));
      socket.on('error', reject);
      socket.on('close', () => resolve());
      socket.on('data', (data: string) => {
        answered += data;
        const head = answered.indexOf('\r\n\r\n');
        if (head < 0 || answered.length < head + 4 + body.length) return;
        if (answered.startsWith('HTTP/1.1 200') && answered.endsWith(body)) result.requests++;
        else result.wrong ??= answered;
        answered = '';
        if (performance.now() < until && result.wrong === undefined) socket.write(request);
        else socket.destroy();
      });
    });
  let over = false;
  const stayAwake = () => {
    if (!over) setImmediate(stayAwake);
  };
  stayAwake();
  await Promise.all(Array.from({ length: connections }, one));
  over = true;
  return result;
}

answer({ load });
