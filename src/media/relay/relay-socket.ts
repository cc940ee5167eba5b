import { createSocket, type RemoteInfo } from 'node:dgram';

/** Bytes: some 250 packets of 20 ms as the kernel counts them. It may grant less. */
const RECEIVE_BUFFER = 256 * 1024;

export interface Address {
  address: string;
  port: number;
}

export interface Receiver {
  receive(packet: Buffer, from: RemoteInfo): void;
}

/** A UDP socket that stays bound while its users change. */
export class RelaySocket {
  /** Without one, what arrives is thrown away. */
  receiver: Receiver | undefined;
  private readonly socket = createSocket({
    type: 'udp4',
    recvBufferSize: RECEIVE_BUFFER,
    // Addresses are numeric: no look-up for each packet.
    lookup: (hostname, _options, done) => done(null, hostname, 4),
  });

  constructor() {
    this.socket.on('message', (packet, from) => this.receiver?.receive(packet, from));
  }

  /** @throws Error where the port is taken */
  bind(to: Address): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.once('error', reject);
      this.socket.bind(to.port, to.address, () => {
        this.socket.off('error', reject);
        // A packet that cannot be sent is a packet lost.
        this.socket.on('error', () => undefined);
        resolve();
      });
    });
  }

  send(packet: Buffer, to: Address): void {
    this.socket.send(packet, to.port, to.address);
  }

  close(): void {
    this.socket.close();
  }
}
