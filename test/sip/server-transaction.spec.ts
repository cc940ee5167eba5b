import { setTimeout as delay } from 'node:timers/promises';
import type { RespondOptions, ServerTransaction } from '../../src/sip/stack.js';
import { ListeningStack, until } from './support/listening-stack.js';
import { Peer, requestText, type RequestParts } from './support/peer.js';

describe('a server transaction', () => {
  let bob: ListeningStack;
  let peer: Peer;

  beforeEach(async () => {
    bob = await ListeningStack.start();
    peer = await Peer.open();
  });

  afterEach(async () => {
    peer.close();
    await bob.stack.stop();
  });

  const send = (method: string, parts: Partial<RequestParts> = {}) =>
    peer.send(requestText({ method, sentBy: `127.0.0.1:${peer.port};rport`, ...parts }), bob.stack.port);

  const answerAll = (status: number, options: RespondOptions = {}) => {
    bob.onRequest = (transaction) => transaction.respond(status, options);
  };

  it('copies Via, From, To, Call-ID and CSeq, and gives To a tag', async () => {
    answerAll(200, { toTag: 'bob', headers: { allow: ['INVITE'] } });
    send('OPTIONS', {
      headers: ['Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKnext', 'Record-Route: <sip:127.0.0.9;lr>'],
    });
    const response = await peer.response(200);
    expect(response).toMatchObject({
      reason: 'OK',
      from: { params: { tag: 'alice' } },
      to: { params: { tag: 'bob' } },
      callId: 'call-1',
      cseq: { number: 1, method: 'OPTIONS' },
      headers: { allow: ['INVITE'], 'record-route': ['<sip:127.0.0.9;lr>'] },
    });
    expect(response.vias.map(({ params }) => params.branch)).toEqual(['z9hG4bKone', 'z9hG4bKnext']);
  });

  it('answers a repeated request with the same response and does not offer it again', async () => {
    answerAll(200);
    send('OPTIONS');
    await peer.response(200);
    send('OPTIONS');
    expect(await peer.response(200, 2)).toEqual(peer.responses()[0]);
    expect(bob.requests).toHaveLength(1);
    await until(() => bob.live === 0, 'the end of timer J');
    send('OPTIONS');
    await until(() => bob.requests.length === 2, 'a new transaction');
  });

  it('answers once: later final responses are ignored', async () => {
    send('OPTIONS');
    await until(() => bob.requests.length === 1, 'the request');
    const [transaction] = bob.requests;
    transaction!.respond(200);
    transaction!.respond(500);
    await delay(50);
    expect(peer.responses().map(({ status }) => status)).toEqual([200]);
    expect(transaction!.finished).toBe(true);
  });

  it('answers 482 to the same request under another branch, but not to one in a dialog', async () => {
    send('MESSAGE', { branch: 'z9hG4bKleft' });
    send('MESSAGE', { branch: 'z9hG4bKright' });
    expect((await peer.response(482)).vias[0]?.params.branch).toBe('z9hG4bKright');
    send('INFO', { branch: 'z9hG4bKleft', toTag: 'bob' });
    send('INFO', { branch: 'z9hG4bKright', toTag: 'bob' });
    await until(() => bob.requests.length === 3, 'one MESSAGE and two INFO');
  });

  it('tells requests of an RFC 2543 client by Call-ID and CSeq, since their branches are not unique', async () => {
    answerAll(200);
    send('OPTIONS', { branch: '1', callId: 'a' });
    send('OPTIONS', { branch: '1', callId: 'b' });
    await peer.response(200, 2);
    send('OPTIONS', { branch: '1', callId: 'b' });
    await peer.response(200, 3);
    expect(bob.requests).toHaveLength(2);
  });

  it('is forgotten after 64*T1 when the listener never answers', async () => {
    send('OPTIONS');
    await until(() => bob.live > 0, 'the transaction');
    await until(() => bob.live === 0, 'its end');
    expect(peer.responses()).toEqual([]);
  });

  it('answers 500 when the listener throws, and goes on', async () => {
    bob.onRequest = () => {
      throw new Error('listener is broken');
    };
    send('OPTIONS');
    await peer.response(500);
    expect(bob.errors).toMatchObject([{ message: 'listener is broken' }]);
    answerAll(200);
    send('OPTIONS', { branch: 'z9hG4bKtwo', cseq: 2 });
    await peer.response(200);
  });

  it('vanishes without an answer when it is dropped', async () => {
    bob.onRequest = (transaction) => transaction.drop();
    send('INVITE');
    await until(() => bob.requests.length === 1, 'the request');
    expect(bob.live).toBe(0);
    await delay(250);
    expect(peer.responses()).toEqual([]);
  });

  it('is refused with 503 and Retry-After above the limit of live transactions', async () => {
    const offered: ServerTransaction[] = [];
    const narrow = await ListeningStack.start({
      limits: { transactions: 2 },
      handlers: {
        onRequest: (transaction) => offered.push(transaction),
        onAck: () => undefined,
        onStrayInviteSuccess: () => undefined,
      },
    });
    for (const branch of ['z9hG4bKa', 'z9hG4bKb', 'z9hG4bKc']) {
      const text = requestText({
        method: 'INVITE',
        sentBy: `127.0.0.1:${peer.port};rport`,
        branch,
        callId: branch,
      });
      peer.send(text, narrow.stack.port);
    }
    const refusal = await peer.response(503);
    expect(refusal.vias[0]?.params.branch).toBe('z9hG4bKc');
    expect(refusal.headers['retry-after']).toEqual(['5']);
    expect(offered).toHaveLength(2);
    expect(narrow.stack.counts).toMatchObject({ servers: 2, refused: 1 });
    await narrow.stack.stop();
  });
});
