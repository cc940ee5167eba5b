import { setTimeout as delay } from 'node:timers/promises';
import { ListeningStack, until } from './support/listening-stack.js';
import { Peer, requestText } from './support/peer.js';

describe('a response over UDP', () => {
  let bob: ListeningStack;
  let peer: Peer;

  beforeEach(async () => {
    bob = await ListeningStack.start();
    bob.onRequest = (transaction) => transaction.respond(200);
    peer = await Peer.open();
  });

  afterEach(async () => {
    peer.close();
    await bob.stack.stop();
  });

  it('goes to the port that the request came from when rport was asked for (RFC 3581)', async () => {
    peer.send(requestText({ method: 'OPTIONS', sentBy: '10.1.2.3:9;rport' }), bob.stack.port);
    const { params } = (await peer.response(200)).vias[0]!;
    expect(params).toMatchObject({ received: '127.0.0.1', rport: String(peer.port) });
  });

  it('does not believe what the sender put into rport and received', async () => {
    peer.send(
      requestText({ method: 'OPTIONS', sentBy: '10.1.2.3:9;rport=9;received=10.9.9.9' }),
      bob.stack.port,
    );
    const { params } = (await peer.response(200)).vias[0]!;
    expect(params).toMatchObject({ received: '127.0.0.1', rport: String(peer.port) });
  });

  it('goes to the sent-by port of the address that the request came from otherwise (RFC 3261 §18.2.2)', async () => {
    const other = await Peer.open();
    peer.send(requestText({ method: 'OPTIONS', sentBy: `10.1.2.3:${other.port}` }), bob.stack.port);
    const { params } = (await other.response(200)).vias[0]!;
    expect(params.received).toBe('127.0.0.1');
    expect(params.rport).toBeUndefined();
    expect(peer.heard).toEqual([]);
    other.close();
  });

  it('follows no maddr', async () => {
    const other = await Peer.open('127.0.0.7');
    const sentBy = `127.0.0.1:${peer.port};maddr=127.0.0.7;rport`;
    peer.send(requestText({ method: 'OPTIONS', sentBy }), bob.stack.port);
    await peer.response(200);
    expect(other.heard).toEqual([]);
    other.close();
  });

  it('reaches other loopback addresses', async () => {
    const phone = await Peer.open('127.0.0.2');
    phone.send(requestText({ method: 'OPTIONS', sentBy: `127.0.0.2:${phone.port};rport` }), bob.stack.port);
    expect((await phone.response(200)).vias[0]?.params.received).toBe('127.0.0.2');
    phone.close();
  });
});

describe('a message that cannot be understood', () => {
  let bob: ListeningStack;
  let peer: Peer;

  beforeEach(async () => {
    bob = await ListeningStack.start();
    bob.onRequest = (transaction) => transaction.respond(200);
    peer = await Peer.open();
  });

  afterEach(async () => {
    peer.close();
    await bob.stack.stop();
  });

  const good = (method = 'OPTIONS') => requestText({ method, sentBy: `127.0.0.1:${peer.port};rport` });

  it('is answered 400 that says what is wrong, when its Via, From, To, Call-ID and CSeq can be read', async () => {
    peer.send(good().replace('Max-Forwards: 70', 'Max-Forwards: many'), bob.stack.port);
    const response = await peer.response(400);
    expect(response.reason).toContain('Max-Forwards is not a number');
    expect(response).toMatchObject({
      callId: 'call-1',
      cseq: { method: 'OPTIONS' },
      from: { params: { tag: 'alice' } },
      vias: [{ params: { rport: String(peer.port) } }],
    });
    expect(bob.requests).toEqual([]);
    expect(bob.live).toBe(0);
  });

  const unanswerable: [string, (text: string) => string][] = [
    ['without Via', (text) => text.replace(/Via: .*\r\n/, '')],
    ['with a malformed Via', (text) => text.replace('Via: SIP/2.0/UDP', 'Via: SIP/9/UDP')],
    ['with a Via port out of range', (text) => text.replace(/(127\.0\.0\.1):\d+;branch/, '$1:99999;branch')],
    ['without Call-ID', (text) => text.replace(/Call-ID: .*\r\n/, '')],
    ['without CSeq', (text) => text.replace(/CSeq: .*\r\n/, '')],
    [
      'that is an ACK',
      (text) => text.replace('Max-Forwards: 70', 'Max-Forwards: many').replaceAll('OPTIONS', 'ACK'),
    ],
    ['that is a response', (text) => text.replace(/^.*\r\n/, 'SIP/2.0 999 No\r\n')],
    ['that is not SIP', () => '\0\0\0\0\0\0 nonsense \r\n\r\n'],
  ];

  it.each(unanswerable)('is dropped and counted %s', async (_, spoil) => {
    peer.send(spoil(good()), bob.stack.port);
    await until(() => bob.stack.counts.malformed === 1, 'the count');
    await delay(30);
    expect(peer.heard).toEqual([]);
    expect(bob.requests).toEqual([]);
    expect(bob.live).toBe(0);
  });

  it('does not stop the stack: empty, tiny and huge datagrams, and the next good one is answered', async () => {
    for (const text of ['', '\r\n', '\r\n\r\n', 'x', 'x'.repeat(65_000), '\r\n'.repeat(30_000)]) {
      peer.send(text, bob.stack.port);
    }
    peer.send(good(), bob.stack.port);
    await peer.response(200);
    expect(bob.requests).toHaveLength(1);
  });

  it('is no keep-alive: those are neither answered nor counted', async () => {
    peer.send('\r\n\r\n', bob.stack.port);
    peer.send(good(), bob.stack.port);
    await peer.response(200);
    expect(bob.stack.counts.malformed).toBe(0);
  });
});
