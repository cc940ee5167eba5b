import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { bdecode, bencode, type Bencoded, isDictionary } from './bencode.js';

export interface RtpengineAddress {
  host: string;
  /** Where it listens with `--listen-ng`. */
  port: number;
}

export type NgDictionary = { [key: string]: Bencoded };

/** The instance gave no answer in time. */
export class NgSilence extends Error {}

/** The instance has answered that it does not do it; the message is its own. */
export class NgRefusal extends Error {}

/** When a request is repeated, and the last one given up. The answer to a repeated one comes from a cache. */
const WAITS_MS = [250, 500, 1_000, 750];

/** What fits into a datagram, with room for the headers. */
const MAX_DATAGRAM = 60_000;

/**
 * The ng control protocol of one rtpengine (its docs/ng_control_protocol.md): cookie, space, bencoded dictionary; a
 * datagram each way.
 */
export class NgClient {
  readonly name: string;
  private readonly address: RtpengineAddress;
  private readonly pending = new Map<string, (answer: NgDictionary) => void>();
  private opening: Promise<Socket> | undefined;
  private closed = false;

  constructor(address: RtpengineAddress) {
    this.address = address;
    this.name = `${address.host}:${address.port}`;
  }

  /** Requests under way are given up. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    (await this.opening?.catch(() => undefined))?.close();
  }

  /** @throws NgSilence, NgRefusal */
  async request(command: string, details: NgDictionary = {}): Promise<NgDictionary> {
    const answer = await this.exchange(bencode({ command, ...details }));
    if (answer.result === 'ok' || answer.result === 'pong') return answer;
    throw new NgRefusal(String(answer['error-reason'] ?? answer.message ?? answer.result));
  }

  private async exchange(body: Buffer): Promise<NgDictionary> {
    const cookie = randomUUID();
    const datagram = Buffer.concat([Buffer.from(`${cookie} `), body]);
    if (datagram.length > MAX_DATAGRAM) throw new NgRefusal('too long for a datagram');
    const socket = await this.opened();
    const answer = new Promise<NgDictionary>((resolve) => this.pending.set(cookie, resolve));
    const waiting = new AbortController();
    try {
      for (const wait of WAITS_MS) {
        socket.send(datagram, () => undefined);
        const answered = await Promise.race([answer, silence(wait, waiting.signal)]);
        if (answered) return answered;
      }
    } catch {
      // The socket has been closed.
    } finally {
      waiting.abort();
      this.pending.delete(cookie);
    }
    throw new NgSilence(`rtpengine ${this.name} does not answer`);
  }

  private async opened(): Promise<Socket> {
    if (this.closed) throw new NgSilence(`the connection to rtpengine ${this.name} is closed`);
    this.opening ??= connected(this.address, (data) => this.receive(data));
    try {
      return await this.opening;
    } catch {
      this.opening = undefined;
      throw new NgSilence(`rtpengine ${this.name}: the host is not known`);
    }
  }

  private receive(data: Buffer): void {
    const space = data.indexOf(' ');
    const answered = space > 0 ? this.pending.get(data.toString('latin1', 0, space)) : undefined;
    if (!answered) return;
    try {
      const answer = bdecode(data.subarray(space + 1));
      if (isDictionary(answer)) answered(answer);
    } catch {
      // As good as no answer.
    }
  }
}

/** Connected, so that the kernel drops what comes from elsewhere. */
async function connected(
  { host, port }: RtpengineAddress,
  onMessage: (data: Buffer) => void,
): Promise<Socket> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  // ICMP errors come here; what was sent is repeated or given up.
  socket.on('error', () => undefined);
  socket.on('message', onMessage);
  await new Promise<void>((resolve, reject) => {
    socket.connect(port, host, (error?: Error) => {
      if (!error) return resolve();
      socket.close();
      reject(error);
    });
  });
  return socket;
}

async function silence(ms: number, signal: AbortSignal): Promise<undefined> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
