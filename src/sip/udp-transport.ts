import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns';
import { isIPv4 } from 'node:net';
import type { Target } from './stack.js';

/** With the system's default, datagrams are lost from some 300 calls per second. */
const BUFFER_BYTES = 4 * 1024 * 1024;

let warned = false;

/** SIP over UDP (RFC 3261 §18), IPv4. */
export class UdpTransport {
  private readonly socket: Socket;
  private closed = false;
  private bound = false;

  constructor(private readonly onData: (data: Buffer, source: Target) => void) {
    this.socket = createSocket({ type: 'udp4', lookup: lookupUnlessAddress });
    this.socket.on('message', (data, { address, port }) => {
      this.onData(data, { transport: 'udp', host: address, port });
    });
    // ICMP errors come here; what was sent is repeated or times out.
    this.socket.on('error', () => undefined);
  }

  get listening(): boolean {
    return this.bound && !this.closed;
  }

  async bind(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.socket.once('error', reject);
      this.socket.bind(port, host, () => {
        this.socket.off('error', reject);
        resolve();
      });
    });
    this.bound = true;
    this.socket.setRecvBufferSize(BUFFER_BYTES);
    this.socket.setSendBufferSize(BUFFER_BYTES);
    this.warnOfSmallBuffer();
    return this.socket.address().port;
  }

  /** `onError` is called later, never from within. */
  send(data: Buffer, target: Target, onError: (error: Error) => void): void {
    try {
      this.socket.send(data, target.port, target.host, (error) => {
        if (error) onError(error);
      });
    } catch (error) {
      // A port out of range, or a socket that is closed.
      setImmediate(onError, error as Error);
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await new Promise<void>((resolve) => {
      this.socket.close(() => resolve());
    });
  }

  private warnOfSmallBuffer(): void {
    const told = Math.min(this.socket.getRecvBufferSize(), this.socket.getSendBufferSize());
    // Linux tells twice what it holds (socket(7)).
    const given = process.platform === 'linux' ? told / 2 : told;
    if (given >= BUFFER_BYTES || warned) return;
    warned = true;
    process.emitWarning(
      `The system gives a UDP socket ${given} bytes of buffer, wanted are ${BUFFER_BYTES}: SIP messages may be lost ` +
        'at high load. Raise net.core.rmem_max and net.core.wmem_max.',
    );
  }
}

/** Node asks the resolver for every datagram, which costs a turn of the event loop even when the host is an address. */
function lookupUnlessAddress(
  host: string,
  options: object,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  if (isIPv4(host)) callback(null, host, 4);
  else lookup(host, { ...options, all: false, family: 4 }, callback);
}
