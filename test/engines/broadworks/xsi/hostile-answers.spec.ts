import { jest } from '@jest/globals';
import type { Socket } from 'node:net';
import { XsiBadAnswer, XsiTimeout, XsiUnavailable } from '../../../../src/engines/broadworks/xsi/errors.js';
import { XsiClient } from '../../../../src/engines/broadworks/xsi/xsi-client.js';
import { cluster, failure, rawSwitch } from './support/scripted-switch.js';

jest.setTimeout(30_000);

const MEGABYTE = 1_048_576;
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

describe('an answer that does harm', () => {
  let client: XsiClient | undefined;
  let server: Awaited<ReturnType<typeof rawSwitch>> | undefined;

  afterEach(async () => {
    await client?.close();
    await server?.close();
  });

  async function outcomeOf(
    answer: (socket: Socket) => void,
    timeoutMs = 5_000,
  ): Promise<{ error: unknown; took: number }> {
    server = await rawSwitch((text, socket) => {
      if (text.startsWith('GET')) answer(socket);
    });
    client = new XsiClient(cluster(server.port, { timeoutMs }));
    const started = performance.now();
    const error = await failure(client.request('GET', '/x'));
    return { error, took: performance.now() - started };
  }

  it.each<[string, string, string]>([
    ['of 64 MB, as it says', `${OK}Content-Length: ${64 * MEGABYTE}\r\n\r\n`, `<a>${'x'.repeat(9_000)}</a>`],
    ['of 64 MB in chunks', CHUNKED, `2000\r\n${'x'.repeat(0x2000)}\r\n`],
    ['of many small chunks', CHUNKED, '1\r\nx\r\n'.repeat(2_000)],
  ])('%s is refused after little more than a megabyte', async (_what, head, piece) => {
    let asked: Socket | undefined;
    const before = process.memoryUsage();
    const { error } = await outcomeOf((socket) => {
      asked = socket;
      socket.write(head);
      pour(socket, piece, 64 * MEGABYTE);
    });
    const after = process.memoryUsage();
    expect(error).toBeInstanceOf(XsiBadAnswer);
    // The kernel's buffers hold some megabytes that nobody has read.
    expect((asked?.bytesWritten ?? Infinity) - (asked?.writableLength ?? 0)).toBeLessThan(24 * MEGABYTE);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(24 * MEGABYTE);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['never comes', () => undefined],
    ['has a head that drips', (socket) => drip(socket, `${OK}X-Filler: ${'x'.repeat(2_000)}`)],
    [
      'has a body that drips',
      (socket) => {
        socket.write(`${OK}Content-Length: 100000\r\n\r\n`);
        drip(socket, '<a>x</a>');
      },
    ],
    ['has a body that stops', (socket) => void socket.write(`${OK}Content-Length: 100000\r\n\r\n<a>`)],
    ['is preceded by hints without end', (socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n', 1)],
  ])('%s: ends at the time-out', async (_what, answer) => {
    const { error, took } = await outcomeOf(answer, 600);
    expect(error).toBeInstanceOf(XsiTimeout);
    expect(took).toBeGreaterThan(550);
    expect(took).toBeLessThan(2_000);
  });

  it.each<[string, string]>([
    ['a header of 1 MB', `${OK}X-Bomb: ${'x'.repeat(MEGABYTE)}\r\n\r\n`],
    ['100,000 headers', `${OK}${'X: y\r\n'.repeat(100_000)}\r\n`],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['two lengths', `${OK}Content-Length: 3\r\nContent-Length: 4\r\n\r\n<a/>`],
    ['a bad chunk', `${CHUNKED}zz\r\n<a/>\r\n`],
    ['a status of words', 'HTTP/1.1 OK OK\r\n\r\n'],
    ['a document type', `${OK}Content-Length: 29\r\n\r\n<!DOCTYPE a SYSTEM "x"><a></a>`],
    ['compressed bytes', `${OK}Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00`],
  ])('%s: is refused', async (_what, answer) => {
    const { error, took } = await outcomeOf((socket) => void socket.end(answer, 'latin1'));
    expect(error).toBeInstanceOf(XsiBadAnswer);
    expect(took).toBeLessThan(2_000);
  });

  it('ends before its length: the connection has failed', async () => {
    const { error } = await outcomeOf((socket) => void socket.end(`${OK}Content-Length: 100\r\n\r\n<a/>`));
    expect(error).toBeInstanceOf(XsiUnavailable);
  });
});

/** Writes as fast as the client reads, until it hangs up or has had it all. */
function pour(socket: Socket, piece: string, bytes: number): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= piece.length;
      if (!socket.write(piece)) {
        socket.once('drain', more);
        return;
      }
    }
  };
  more();
}

function drip(socket: Socket, text: string, everyMs = 100): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ''), everyMs);
  socket.on('close', () => clearInterval(timer));
}
