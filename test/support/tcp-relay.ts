import { connect, createServer, type Socket } from 'node:net';

export interface TcpRelay {
  port: number;
  /** Keeps all connections open and passes nothing on, as a network does that lost its way. */
  silence(): void;
  /** Passes on what comes over connections made from now on. */
  speak(): void;
  stop(): Promise<void>;
}

/** Stands between a client and a server on loopback. */
export async function startTcpRelay(serverPort: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  let silent = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    if (silent) return;
    const onward = connect(serverPort, '127.0.0.1');
    keep(onward);
    client.pipe(onward).pipe(client);
    client.on('close', () => onward.destroy());
    onward.on('close', () => client.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as { port: number }).port,
    silence: () => {
      silent = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    speak: () => {
      silent = false;
    },
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
