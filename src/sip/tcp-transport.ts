import { randomUUID } from 'node:crypto';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { StreamFraming } from './framing.js';
import type { Target, TcpLimits } from './stack.js';

export const TCP_LIMITS: TcpLimits = {
  connections: 10_000,
  connectionsPerHost: 1_000,
  firstMessageMs: 32_000,
  messageMs: 10_000,
  idleMs: 3_900_000,
  connectMs: 5_000,
  unsent: 1024 * 1024,
};

const PONG = '\r\n';

interface Connection {
  id: string;
  key: string;
  socket: Socket;
  framing: StreamFraming;
  /** Runs until the message that has begun, or the first one, is whole. */
  deadline?: NodeJS.Timeout | undefined;
}

/** SIP over TCP, IPv4: connections are used again by either side (RFC 3261 §18, RFC 5923 in spirit). */
export class TcpTransport {
  private readonly server: Server;
  private readonly byId = new Map<string, Connection>();
  private readonly byAddress = new Map<string, Connection>();
  private readonly perHost = new Map<string, number>();
  /** An id that another process stored must not name a connection of this one. */
  private readonly idPrefix = randomUUID();
  private nextId = 1;
  private localAddress: string | undefined;

  constructor(
    private readonly onData: (data: Buffer, source: Target) => void,
    private readonly limits: TcpLimits = TCP_LIMITS,
  ) {
    this.server = createServer((socket) => this.accept(socket));
  }

  get connections(): number {
    return this.byId.size;
  }

  get listening(): boolean {
    return this.server.listening;
  }

  async bind(host: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        this.server.on('error', () => undefined);
        resolve();
      });
    });
    this.localAddress = host;
  }

  /** `onError` is called later, never from within. */
  send(data: Buffer, target: Target, onError: (error: Error) => void): void {
    try {
      const connection = this.find(target) ?? this.open(target);
      const { socket } = connection;
      if (socket.writableLength + data.length > this.limits.unsent) {
        socket.destroy(new Error('The peer does not read'));
      }
      socket.write(data, (error) => {
        if (error) onError(error);
      });
    } catch (error) {
      // A port out of range.
      setImmediate(onError, error as Error);
    }
  }

  async close(): Promise<void> {
    this.localAddress = undefined;
    for (const { socket } of this.byId.values()) socket.destroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }

  isOpen(target: Target): boolean {
    return this.find(target) !== undefined;
  }

  private find(target: Target): Connection | undefined {
    const byId = target.connectionId === undefined ? undefined : this.byId.get(target.connectionId);
    if (byId?.socket.writable) return byId;
    const byAddress = this.byAddress.get(keyOf(target));
    return byAddress?.socket.writable ? byAddress : undefined;
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
    const connection = this.serve(socket, { transport: 'tcp', host, port: socket.remotePort ?? 0 });
    this.expect(connection, this.limits.firstMessageMs);
  }

  private open({ host, port }: Target): Connection {
    if (this.localAddress === undefined) throw new Error('The transport is closed');
    const local = this.localAddress === '0.0.0.0' ? {} : { localAddress: this.localAddress };
    const socket = connect({ host, port, family: 4, ...local });
    const timer = setTimeout(() => socket.destroy(new Error('No connection in time')), this.limits.connectMs);
    socket.once('connect', () => clearTimeout(timer));
    socket.once('close', () => clearTimeout(timer));
    return this.serve(socket, { transport: 'tcp', host, port });
  }

  private serve(socket: Socket, peer: Target): Connection {
    const id = `${this.idPrefix}-${this.nextId++}`;
    const connection: Connection = { id, key: keyOf(peer), socket, framing: new StreamFraming() };
    this.byId.set(id, connection);
    this.byAddress.set(connection.key, connection);
    socket.setNoDelay(true);
    socket.setTimeout(this.limits.idleMs, () => socket.destroy());
    const source: Target = { transport: 'tcp', host: peer.host, port: peer.port, connectionId: id };
    socket.on('data', (chunk) => this.receive(connection, chunk, source));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(connection.deadline);
      this.byId.delete(id);
      if (this.byAddress.get(connection.key) === connection) this.byAddress.delete(connection.key);
    });
    return connection;
  }

  private receive(connection: Connection, chunk: Buffer, source: Target): void {
    const { framing, socket } = connection;
    const between = framing.pending === 0;
    let messages: Buffer[];
    try {
      messages = framing.push(chunk);
    } catch {
      socket.destroy();
      return;
    }
    // A ping of RFC 5626 §3.5.1; a peer that sends nothing else still has to bring its first message.
    if (between && chunk.length === 4 && framing.pending === 0 && messages.length === 0) {
      if (socket.writableLength === 0) socket.write(PONG);
      return;
    }
    if (messages.length > 0) {
      clearTimeout(connection.deadline);
      connection.deadline = undefined;
    }
    if (framing.pending > 0) this.expect(connection, this.limits.messageMs);
    for (const message of messages) this.onData(message, source);
  }

  private expect(connection: Connection, milliseconds: number): void {
    connection.deadline ??= setTimeout(() => connection.socket.destroy(), milliseconds);
  }
}

function keyOf({ host, port }: Target): string {
  return `${host}:${port}`;
}
