import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const MEGABYTE = 2 ** 20;

const head = (more: string) =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/xml; charset=UTF-8\r\n${more}\r\n`;
const whole = (body: string | Buffer) => [head(`Content-Length: ${Buffer.byteLength(body)}\r\n`), body];
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** A billion "lol", if anybody were to expand them. */
function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const inner = level === 0 ? 'lol' : `&lol${level - 1};`.repeat(10);
    return `<!ENTITY lol${level} "${inner}">`;
  });
  return `<?xml version="1.0"?><!DOCTYPE Calls [${levels.join('')}]><Calls xmlns="http://schema.broadsoft.com/xsi">&lol8;</Calls>`;
}

type Attack = (socket: Socket, at: string) => void | Promise<void>;

const say = (parts: (string | Buffer)[], socket: Socket) => {
  for (const part of parts) socket.write(part);
};

/** What the server answers every request with. `at` is its own address. */
export const ATTACKS = {
  'an XML bomb': (socket) => say(whole(bomb()), socket),
  'an external entity': (socket, at) =>
    say(
      whole(
        `<?xml version="1.0"?><!DOCTYPE Calls [<!ENTITY own SYSTEM "file:///etc/passwd"><!ENTITY far SYSTEM "${at}/stolen">]><Calls xmlns="http://schema.broadsoft.com/xsi">&own;&far;</Calls>`,
      ),
      socket,
    ),
  'elements in elements without an end': (socket) => say(whole('<a>'.repeat(100_000)), socket),
  '10 MB': (socket) =>
    say(whole(`<Calls xmlns="http://schema.broadsoft.com/xsi">${' '.repeat(10 * MEGABYTE)}</Calls>`), socket),
  'an answer without an end': async (socket) => {
    say(
      [head('Transfer-Encoding: chunked\r\n'), chunk('<Calls xmlns="http://schema.broadsoft.com/xsi">')],
      socket,
    );
    const call = chunk('<call><callId>callhalf-1:0</callId></call>'.repeat(1_000));
    while (!socket.destroyed) {
      if (socket.write(call)) await delay(0);
      else await Promise.race([new Promise((drained) => socket.once('drain', drained)), delay(1_000)]);
    }
  },
  'an answer of a byte now and then': async (socket) => {
    say([head('Transfer-Encoding: chunked\r\n')], socket);
    for (const letter of ' '.repeat(1_000)) {
      if (socket.destroyed) return;
      socket.write(chunk(letter));
      await delay(100);
    }
  },
  'an answer that breaks off': (socket) => {
    say([head('Content-Length: 1000\r\n'), '<Calls'], socket);
    socket.end();
  },
  'bytes that are no XML': (socket) => say(whole(Buffer.alloc(10_000, 0xfe)), socket),
  'bytes that are no HTTP': (socket) => {
    socket.write(Buffer.alloc(10_000, 0xfe));
  },
} satisfies Record<string, Attack>;
export type AttackName = keyof typeof ATTACKS;

/** A server in the place of a switch that means harm: it answers everything in the same way. */
export class HostileSwitch {
  attack: AttackName = 'an XML bomb';
  /** First lines of the requests that came. */
  readonly requests: string[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((socket) => this.serve(socket));

  async start(): Promise<void> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    let received = '';
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1');
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.requests.push(received.slice(0, received.indexOf('\r\n')));
      received = '';
      void ATTACKS[this.attack](socket, this.url);
    });
  }
}
