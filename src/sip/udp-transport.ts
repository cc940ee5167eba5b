import { createSocket, type Socket } from 'node:dgram';
import type { Target } from './stack.js';

/** With the system's default, datagrams are lost from some 300 calls per second. */
const BUFFER_BYTES = 4 * 1024 * 1024;

/** SIP over UDP (RFC 3261 §18). */
export class UdpTransport {
  private readonly socket: Socket;

  constructor(private readonly onData: (data: Buffer, source: Target) => void) {
    this.socket = createSocket({ type: 'udp4' });
    this.socket.on('message', (data, { address, port }) => {
      this.onData(data, { transport: 'udp', host: address, port });
    });
    // ICMP errors come here; what was sent is repeated or times out.
    this.socket.on('error', () => undefined);
  }

  async bind(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.socket.once('error', reject);
      this.socket.bind(port, host, () => {
        this.socket.off('error', reject);
        resolve();
      });
    });
    this.socket.setRecvBufferSize(BUFFER_BYTES);
    this.socket.setSendBufferSize(BUFFER_BYTES);
    return this.socket.address().port;
  }

  /** Bytes that the system gave for receiving; Linux counts twice what it may hold. */
  get receiveBuffer(): number {
    return this.socket.getRecvBufferSize();
  }

  send(data: Buffer, target: Target, onError: (error: Error) => void): void {
    this.socket.send(data, target.port, target.host, (error) => {
      if (error) onError(error);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.socket.close(() => resolve());
    });
  }
}
