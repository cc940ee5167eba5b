import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createRawServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ClusterSettings } from '../../../../../src/engines/broadworks/xsi/xsi-client.js';

/** A request as it came. */
export interface Asked {
  method: string;
  /** As sent, with the query. */
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A web server whose answers the test writes. */
export interface ScriptedSwitch {
  port: number;
  asked: Asked[];
  connections: number;
  close(): Promise<void>;
}

export async function scriptedSwitch(
  answer: (asked: Asked, response: ServerResponse, nth: number) => void,
): Promise<ScriptedSwitch> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      scripted.asked.push({ method, url, headers, body });
      answer({ method, url, headers, body }, response, scripted.asked.length);
    });
  });
  const scripted: ScriptedSwitch = {
    port: 0,
    asked: [],
    connections: 0,
    close: () => closed(server, sockets),
  };
  const sockets = watched(server, () => scripted.connections++);
  scripted.port = await listening(server);
  return scripted;
}

/** A server that knows no HTTP: the test sees bytes and writes bytes. */
export async function rawSwitch(
  onBytes: (text: string, socket: Socket, connection: number) => void,
): Promise<{ port: number; received: () => string; close(): Promise<void> }> {
  let connections = 0;
  let received = '';
  const server = createRawServer((socket) => {
    const connection = ++connections;
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      onBytes(chunk.toString('latin1'), socket, connection);
    });
  });
  const sockets = watched(server, () => undefined);
  return { port: await listening(server), received: () => received, close: () => closed(server, sockets) };
}

export function cluster(port: number, settings: Partial<ClusterSettings> = {}): ClusterSettings {
  return {
    id: 'east',
    url: `http://127.0.0.1:${port}`,
    username: 'admin',
    password: 'admin-secret',
    timeoutMs: 2_000,
    maxConcurrent: 8,
    ...settings,
  };
}

export function answerXml(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  charset = 'UTF-8',
): void {
  response.writeHead(status, { 'content-type': `application/xml; charset=${charset}` }).end(body);
}

/** What the work fails with. */
export async function failure(work: Promise<unknown>): Promise<unknown> {
  const outcome = await work.then(
    () => ({ failed: false, error: undefined }),
    (error: unknown) => ({ failed: true, error }),
  );
  if (!outcome.failed) throw new Error('It did not fail.');
  return outcome.error;
}

/** An element of the switch's namespace, as a document. */
export function xsi(name: string, content = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?><${name} xmlns="http://schema.broadsoft.com/xsi">${content}</${name}>`;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function watched(server: Server, onConnection: () => void): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    onConnection();
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  return sockets;
}

async function closed(server: Server, sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
}
