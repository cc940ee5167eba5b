import { createServer, connect, type Server, type Socket } from 'node:net';
import { StreamFraming } from './framing.js';
import type { Target } from './stack.js';

export interface TcpLimits {
  connections: number;
  connectionsPerHost: number;
  /** A connection without a whole message for so long is closed. */
  idleMs: number;
  /** A message must be whole so long after its first byte. */
  messageMs: number;
  connectMs: number;
  /** Bytes that may wait for a peer that does not read. */
  unsent: number;
}

export const TCP_LIMITS: TcpLimits = {
  connections: 10_000,
  connectionsPerHost: 1_000,
  idleMs: 3_900_000,
  messageMs: 10_000,
  connectMs: 5_000,
  unsent: 1024 * 1024,
};

interface Connection {
  id: string;
  key: string;
  socket: Socket;
  framing: StreamFraming;
  deadline?: NodeJS.Timeout | undefined;
}

/** SIP over TCP: connections are used again by either side (RFC 3261 §18, RFC 5923 in spirit). */
export class TcpTransport {
  private readonly server: Server;
  private readonly byId = new Map<string, Connection>();
  private readonly byAddress = new Map<string, Connection>();
  private readonly perHost = new Map<string, number>();
  private nextId = 1;

  constructor(
    private readonly onData: (data: Buffer, source: Target) => void,
    private readonly limits: TcpLimits = TCP_LIMITS,
  ) {
    this.server = createServer((socket) => this.accept(socket));
  }

  get connections(): number {
    return this.byId.size;
  }

  async bind(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        this.server.on('error', () => undefined);
        resolve();
      });
    });
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : port;
  }

  send(data: Buffer, target: Target, onError: (error: Error) => void): void {
    const connection = this.find(target) ?? this.open(target, onError);
    if (connection.socket.writableLength > this.limits.unsent) {
      connection.socket.destroy(new Error('The peer does not read'));
      return onError(new Error('The peer does not read'));
    }
    connection.socket.write(data, (error) => {
      if (error) onError(error);
    });
  }

  async close(): Promise<void> {
    for (const { socket } of this.byId.values()) socket.destroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }

  private find(target: Target): Connection | undefined {
    return (
      (target.connectionId !== undefined ? this.byId.get(target.connectionId) : undefined) ??
      this.byAddress.get(keyOf(target))
    );
  }

  private accept(socket: Socket): void {
    const host = socket.remoteAddress ?? '';
    const ofHost = this.perHost.get(host) ?? 0;
    if (this.byId.size >= this.limits.connections || ofHost >= this.limits.connectionsPerHost) {
      socket.destroy();
      return;
    }
    this.perHost.set(host, ofHost + 1);
    socket.once('close', () => {
      const left = (this.perHost.get(host) ?? 1) - 1;
      if (left > 0) this.perHost.set(host, left);
      else this.perHost.delete(host);
    });
    this.serve(socket, { transport: 'tcp', host, port: socket.remotePort ?? 0 });
  }

  private open(target: Target, onError: (error: Error) => void): Connection {
    const socket = connect({ host: target.host, port: target.port });
    const timer = setTimeout(() => socket.destroy(new Error('No connection in time')), this.limits.connectMs);
    socket.once('connect', () => clearTimeout(timer));
    socket.once('close', () => clearTimeout(timer));
    socket.once('error', onError);
    return this.serve(socket, target);
  }

  private serve(socket: Socket, peer: Target): Connection {
    const connection: Connection = {
      id: `c${this.nextId++}`,
      key: keyOf(peer),
      socket,
      framing: new StreamFraming(),
    };
    this.byId.set(connection.id, connection);
    this.byAddress.set(connection.key, connection);
    socket.setNoDelay(true);
    socket.setTimeout(this.limits.idleMs, () => socket.destroy());
    const source: Target = {
      transport: 'tcp',
      host: peer.host,
      port: peer.port,
      connectionId: connection.id,
    };
    socket.on('data', (chunk) => this.receive(connection, chunk, source));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(connection.deadline);
      this.byId.delete(connection.id);
      if (this.byAddress.get(connection.key) === connection) this.byAddress.delete(connection.key);
    });
    return connection;
  }

  private receive(connection: Connection, chunk: Buffer, source: Target): void {
    const { framing, socket } = connection;
    try {
      for (const message of framing.push(chunk)) this.onData(message, source);
    } catch {
      socket.destroy();
      return;
    }
    if (framing.pending === 0) {
      clearTimeout(connection.deadline);
      connection.deadline = undefined;
    } else {
      connection.deadline ??= setTimeout(() => socket.destroy(), this.limits.messageMs);
    }
  }
}

function keyOf({ host, port }: Target): string {
  return `${host}:${port}`;
}
