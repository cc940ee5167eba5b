import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TcpLimits } from '../../src/sip/stack.js';
import { ListeningStack, until } from './support/listening-stack.js';
import { requestText, type RequestParts } from './support/peer.js';

/** A TCP client that keeps what it reads as text. */
class Client {
  text = '';
  closed = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => (this.text += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
  }

  static async open(port: number): Promise<Client> {
    const socket = connect(port, '127.0.0.1');
    const client = new Client(socket);
    await once(socket, 'connect');
    return client;
  }

  count(needle: string): number {
    return this.text.split(needle).length - 1;
  }
}

const text = (method: string, parts: Partial<RequestParts> = {}) =>
  requestText({ method, sentBy: '127.0.0.1:9', transport: 'TCP', ...parts });

describe('SIP over TCP', () => {
  let bob: ListeningStack;
  const clients: Client[] = [];

  const start = async (tcp: Partial<TcpLimits> = {}) => {
    bob = await ListeningStack.start({ limits: { tcp } });
    bob.onRequest = (transaction) => transaction.respond(200);
  };

  const open = async () => {
    const client = await Client.open(bob.stack.port);
    clients.push(client);
    return client;
  };

  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await bob.stack.stop();
  });

  it('answers over the connection of the request, whatever its Via says', async () => {
    await start();
    const client = await open();
    client.socket.write(text('OPTIONS'));
    await until(() => client.count('SIP/2.0 200') === 1, 'the answer');
    expect(bob.requests[0]?.source).toMatchObject({ transport: 'tcp', port: client.socket.localPort });
    expect(bob.live).toBe(0);
  });

  it('understands messages however they are cut, and several in one piece', async () => {
    await start();
    const client = await open();
    for (const byte of text('OPTIONS', { branch: 'z9hG4bKa', callId: 'a', body: 'hello' })) {
      client.socket.write(byte);
    }
    client.socket.write(
      text('OPTIONS', { branch: 'z9hG4bKb', callId: 'b' }) +
        text('OPTIONS', { branch: 'z9hG4bKc', callId: 'c' }),
    );
    await until(() => client.count('SIP/2.0 200') === 3, 'three answers');
    expect(bob.requests.map(({ request }) => request.body)).toEqual(['hello', '', '']);
  });

  it('repeats nothing but the 2xx of an INVITE', async () => {
    await start();
    bob.onRequest = (transaction) => transaction.respond(transaction.request.callId === 'good' ? 200 : 486);
    const client = await open();
    client.socket.write(text('INVITE', { callId: 'bad' }));
    await until(() => client.count('SIP/2.0 486') === 1, 'the refusal');
    client.socket.write(text('INVITE', { callId: 'good', branch: 'z9hG4bKgood' }));
    await until(() => client.count('SIP/2.0 200') > 2, 'repeats of the 2xx');
    expect(client.count('SIP/2.0 486')).toBe(1);
  });

  it('sends requests over the connection that a peer has opened, while it is open', async () => {
    await start();
    const client = await open();
    client.socket.write(text('OPTIONS'));
    await until(() => bob.requests.length === 1, 'the request');
    const { source } = bob.requests[0]!;
    bob.send(bob.request('MESSAGE'), source);
    await until(() => client.count('MESSAGE sip:bob') === 1, 'the request by connection');
    bob.send(bob.request('MESSAGE'), { transport: 'tcp', host: source.host, port: source.port });
    await until(() => client.count('MESSAGE sip:bob') === 2, 'the request by address');
    await delay(50);
    expect(client.count('MESSAGE sip:bob')).toBe(2);
    expect(bob.stack.counts.connections).toBe(1);
  });

  it('opens one connection for many requests to a place', async () => {
    await start();
    const alice = await ListeningStack.start();
    const sent = [1, 2, 3].map(() => alice.send(alice.request('OPTIONS'), bob.tcpTarget));
    await until(() => sent.every(({ responses }) => responses.length === 1), 'the answers');
    expect(alice.stack.counts.connections).toBe(1);
    expect(bob.stack.counts.connections).toBe(1);
    await alice.stack.stop();
  });

  it('opens a new connection to the named place when the named connection is gone', async () => {
    await start();
    const alice = await ListeningStack.start();
    const { responses } = alice.send(alice.request('OPTIONS'), {
      ...bob.tcpTarget,
      connectionId: 'of another process',
    });
    await until(() => responses.length === 1, 'the answer');
    expect(responses).toMatchObject([{ status: 200 }]);
    await alice.stack.stop();
  });

  it('carries a whole call, whose ACK is seen once', async () => {
    await start();
    const alice = await ListeningStack.start();
    const { responses, transaction } = alice.send(alice.request('INVITE'), bob.tcpTarget);
    await until(() => responses.length === 1, '200');
    const ack = alice.request('ACK', {
      callId: transaction.request.callId,
      from: transaction.request.from,
      to: responses[0]!.to,
    });
    transaction.ack(responses[0]!, ack, bob.tcpTarget);
    await until(() => bob.acks.length === 1, 'the ACK');
    await until(() => bob.live + alice.live === 0, 'the end');
    expect(bob.acks).toHaveLength(1);
    await alice.stack.stop();
  });

  it('answers a keep-alive with a pong (RFC 5626)', async () => {
    await start();
    const client = await open();
    client.socket.write('\r\n\r\n');
    await until(() => client.text === '\r\n', 'the pong');
    expect(bob.stack.counts.malformed).toBe(0);
  });

  it('answers 400 to a message that cannot be understood, and the next one as usual', async () => {
    await start();
    const client = await open();
    client.socket.write(text('OPTIONS').replace('CSeq: 1 OPTIONS', 'CSeq: 1 INVITE'));
    client.socket.write(text('OPTIONS', { branch: 'z9hG4bKtwo' }));
    await until(() => client.count('SIP/2.0 400') === 1, 'the refusal');
    await until(() => client.count('SIP/2.0 200') === 1, 'the answer');
    expect(bob.stack.counts.malformed).toBe(1);
  });

  describe('cuts off a peer that', () => {
    it('sends nothing', async () => {
      await start({ firstMessageMs: 100 });
      const client = await open();
      await until(() => client.closed, 'the end');
      expect(bob.stack.counts.connections).toBe(0);
    });

    it('sends only keep-alives', async () => {
      await start({ firstMessageMs: 100 });
      const client = await open();
      const pinging = setInterval(() => client.socket.write('\r\n\r\n'), 20);
      await until(() => client.closed, 'the end');
      clearInterval(pinging);
      expect(bob.requests).toEqual([]);
    });

    it('never finishes a message, however diligently it goes on', async () => {
      await start({ messageMs: 150 });
      const client = await open();
      client.socket.write(text('OPTIONS'));
      await until(() => client.count('SIP/2.0 200') === 1, 'a good request first');
      client.socket.write('OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\n');
      const writing = setInterval(() => client.socket.write('X: y\r\n'), 10);
      await until(() => client.closed, 'the end');
      clearInterval(writing);
      expect(bob.live).toBe(0);
    });

    it('sends headers without end', async () => {
      await start();
      const client = await open();
      client.socket.write(`OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\n${'X: y\r\n'.repeat(20_000)}`);
      await until(() => client.closed, 'the end');
      expect(bob.requests).toEqual([]);
    });

    it.each(['abc', '-1', '99999999999', '1, 2', ''])('says Content-Length: %s', async (length) => {
      await start();
      const client = await open();
      client.socket.write(text('OPTIONS').replace('Content-Length: 0', `Content-Length: ${length}`));
      await until(() => client.closed, 'the end');
      expect(bob.requests).toEqual([]);
    });

    it('is idle', async () => {
      await start({ idleMs: 100 });
      const client = await open();
      client.socket.write(text('OPTIONS'));
      await until(() => client.closed, 'the end');
      expect(client.count('SIP/2.0 200')).toBe(1);
    });

    it('does not read', async () => {
      await start({ unsent: 200_000 });
      const client = await open();
      client.socket.pause();
      client.socket.write(text('OPTIONS'));
      await until(() => bob.requests.length === 1, 'the request');
      const { source } = bob.requests[0]!;
      const sent: ReturnType<typeof bob.send>[] = [];
      for (let n = 0; n < 400 && bob.stack.counts.connections > 0; n++) {
        sent.push(bob.send(bob.request('MESSAGE', { body: 'x'.repeat(50_000) }), source));
        if (n % 10 === 0) await delay(1);
      }
      await until(() => bob.stack.counts.connections === 0, 'the end');
      await until(() => sent.some(({ responses }) => responses[0]?.status === 503), '503');
      expect(sent.length).toBeLessThan(400);
    });
  });

  it('lets a peer go on whose messages never end at the edge of a piece', async () => {
    await start({ messageMs: 150 });
    const client = await open();
    const message = (n: number) => text('OPTIONS', { branch: `z9hG4bK${n}`, callId: `c${n}` });
    client.socket.write(text('OPTIONS'));
    await until(() => client.count('SIP/2.0 200') === 1, 'the first answer');
    client.socket.write(message(0).slice(0, 50));
    for (let n = 0; n < 10; n++) {
      await delay(40);
      client.socket.write(message(n).slice(50) + message(n + 1).slice(0, 50));
    }
    await until(() => client.count('SIP/2.0 200') === 11, 'all answers');
    expect(bob.requests).toHaveLength(11);
  });

  it('takes so many connections of a host and no more', async () => {
    await start({ connectionsPerHost: 2 });
    const first = await open();
    const second = await open();
    const third = await open();
    await until(() => third.closed, 'the end of the third');
    expect([first.closed, second.closed]).toEqual([false, false]);
    first.socket.destroy();
    await until(() => bob.stack.counts.connections === 1, 'room');
    const fourth = await open();
    fourth.socket.write(text('OPTIONS'));
    await until(() => fourth.count('SIP/2.0 200') === 1, 'the answer');
  });

  it('takes so many connections in all and no more', async () => {
    await start({ connections: 1 });
    await open();
    const second = await open();
    await until(() => second.closed, 'the end of the second');
    expect(bob.stack.counts.connections).toBe(1);
  });

  it('is answered 503 by the stack when the peer cannot be reached or goes away', async () => {
    await start();
    const refused = bob.send(bob.request('INVITE'), { transport: 'tcp', host: '127.0.0.1', port: 1 });
    await until(() => refused.responses.length > 0, '503');
    expect(refused.responses).toMatchObject([{ status: 503, local: true }]);
    expect(bob.stack.counts).toMatchObject({ clients: 0, connections: 0 });
  });

  it('calls from the address that it listens on', async () => {
    const from: (string | undefined)[] = [];
    const server: Server = createServer((socket) => from.push(socket.remoteAddress));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    bob = await ListeningStack.start({ host: '127.0.0.3' });
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    bob.send(bob.request('OPTIONS'), { transport: 'tcp', host: '127.0.0.1', port });
    await until(() => from.length === 1, 'the connection');
    expect(from).toEqual(['127.0.0.3']);
    server.close();
  });
});
