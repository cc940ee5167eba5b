import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
}

/** Writes the pieces, one after another, and returns the answers once the server has closed the connection. */
export async function exchange(port: number, ...pieces: (string | Buffer)[]): Promise<RawAnswer[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(parseAnswers(Buffer.concat(chunks))));
    socket.on('connect', () => {
      for (const piece of pieces) socket.write(piece);
    });
  });
}

/** A request with a body, whatever the method; asks the server to close afterwards. */
export function request(method: string, path: string, headers: Record<string, string>, body = ''): string {
  const all: Record<string, string> = {
    host: 'test',
    connection: 'close',
    ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

function parseAnswers(bytes: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end < 0) throw new Error(`not an HTTP answer: ${bytes.subarray(at).toString()}`);
    const [line = '', ...fields] = bytes.subarray(at, end).toString().split('\r\n');
    const headers = Object.fromEntries(
      fields.map((field) => [
        field.slice(0, field.indexOf(':')).toLowerCase(),
        field.slice(field.indexOf(':') + 1).trim(),
      ]),
    );
    const length = Number(headers['content-length'] ?? 0);
    at = end + 4 + length;
    answers.push({
      status: Number(line.split(' ')[1]),
      headers,
      body: bytes.subarray(end + 4, at).toString(),
    });
  }
  return answers;
}
