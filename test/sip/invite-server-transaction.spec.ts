import { setTimeout as delay } from 'node:timers/promises';
import type { RespondOptions } from '../../src/sip/stack.js';
import { GIVE_UP, ListeningStack, until } from './support/listening-stack.js';
import { Peer, requestText, type RequestParts } from './support/peer.js';

describe('a server transaction of an INVITE', () => {
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

  const repeatsOf = (number: number) => peer.responses().filter(({ cseq }) => cseq.number === number).length;

  const ack = (
    response: { to: { params: Record<string, string | true> } },
    parts: Partial<RequestParts> = {},
  ) => send('ACK', { toTag: String(response.to.params.tag), ...parts });

  it('answers 100 by itself when the listener is silent for 200 ms', async () => {
    send('INVITE');
    expect((await peer.response(100)).to.params.tag).toBeUndefined();
    bob.requests[0]!.respond(180);
    expect((await peer.response(180)).to.params.tag).toBeDefined();
  });

  it('says no 100 when the listener has spoken', async () => {
    answerAll(180);
    send('INVITE');
    await peer.response(180);
    await delay(250);
    expect(peer.responses(100)).toEqual([]);
  });

  it('repeats the last provisional response for a repeated INVITE', async () => {
    answerAll(180);
    send('INVITE');
    await peer.response(180);
    send('INVITE');
    await peer.response(180, 2);
    expect(bob.requests).toHaveLength(1);
  });

  it('keeps its first To tag', async () => {
    answerAll(180, { toTag: 'mine' });
    send('INVITE');
    await peer.response(180);
    bob.requests[0]!.respond(200, { toTag: 'other' });
    expect((await peer.response(200)).to.params.tag).toBe('mine');
  });

  it('repeats a refusal until its ACK, which the listener does not see', async () => {
    answerAll(486);
    send('INVITE');
    ack(await peer.response(486, 3));
    await until(() => bob.live === 0, 'the end of timer I');
    const sent = peer.responses().length;
    await delay(100);
    expect(peer.responses()).toHaveLength(sent);
    expect(bob.acks).toEqual([]);
  });

  it('gives up a refusal that nobody acknowledges after 64*T1', async () => {
    answerAll(486);
    send('INVITE');
    await peer.response(486);
    await until(() => bob.live === 0, 'the end of timer H');
    expect(peer.responses(486).length).toBeGreaterThan(10);
    // At 0, T1, 3*T1 and then each T2 = 4*T1.
    expect(peer.responses(486).length).toBeLessThanOrEqual(18);
  });

  it('repeats a 2xx until its ACK, which the listener sees once', async () => {
    let unacknowledged = false;
    bob.onRequest = (transaction) => {
      transaction.onNoAck = () => (unacknowledged = true);
      transaction.respond(200, { body: 'v=0\r\n' });
    };
    send('INVITE');
    const response = await peer.response(200, 3);
    expect(response.headers['content-type']).toEqual(['application/sdp']);
    ack(response, { branch: 'z9hG4bKack', body: 'v=0\r\n' });
    ack(response, { branch: 'z9hG4bKack', body: 'v=0\r\n' });
    await until(() => bob.acks.length > 0, 'the ACK');
    send('INVITE');
    const sent = peer.responses().length;
    await until(() => bob.live === 0, 'the end');
    expect(peer.responses()).toHaveLength(sent);
    expect(bob.acks).toMatchObject([{ body: 'v=0\r\n', cseq: { number: 1 } }]);
    await delay(GIVE_UP);
    expect(unacknowledged).toBe(false);
  });

  it('takes the ACK of a 2xx under the branch of the INVITE as well', async () => {
    answerAll(200);
    send('INVITE');
    ack(await peer.response(200));
    await until(() => bob.acks.length === 1, 'the ACK');
    expect(bob.acks).toHaveLength(1);
  });

  it('does not absorb a new INVITE of the dialog while it waits for the ACK of the last', async () => {
    answerAll(200);
    send('INVITE', { toTag: 'bob', cseq: 1 });
    send('INVITE', { toTag: 'bob', cseq: 2, branch: 'z9hG4bKtwo' });
    await until(() => bob.requests.length === 2, 'both');
    send('ACK', { toTag: 'bob', cseq: 1, branch: 'z9hG4bKack' });
    await until(() => bob.acks.length === 1, 'the ACK');
    expect(bob.acks[0]?.cseq.number).toBe(1);
    const sent = repeatsOf(2);
    await until(() => repeatsOf(2) > sent, 'a repeat of the second 2xx');
  });

  it('tells when a 2xx is never acknowledged', async () => {
    let told = 0;
    bob.onRequest = (transaction) => {
      transaction.onNoAck = () => told++;
      transaction.respond(200);
    };
    send('INVITE');
    await until(() => told > 0, 'onNoAck');
    expect(told).toBe(1);
    expect(bob.live).toBe(0);
  });

  it('passes an ACK on that no transaction of this process knows', async () => {
    send('ACK', { toTag: 'bob' });
    await until(() => bob.acks.length === 1, 'the ACK');
    expect(bob.live).toBe(0);
  });

  it('does not end by an ACK that comes before any answer', async () => {
    send('INVITE');
    await until(() => bob.requests.length === 1, 'the INVITE');
    send('ACK', { toTag: 'guess' });
    await delay(100);
    expect(bob.acks).toEqual([]);
    bob.requests[0]!.respond(200);
    await peer.response(200);
  });

  it('answers CANCEL and tells the listener once, whose 487 ends it', async () => {
    let cancelled = 0;
    bob.onRequest = (transaction) => {
      transaction.onCancel = () => cancelled++;
      transaction.respond(180, { toTag: 'bob' });
    };
    send('INVITE');
    await peer.response(180);
    send('CANCEL');
    send('CANCEL');
    const confirmed = await peer.response(200, 2);
    bob.requests[0]!.respond(487);
    const refusal = await peer.response(487);
    expect(confirmed.cseq.method).toBe('CANCEL');
    expect(confirmed.to.params.tag).toBe('bob');
    ack(refusal);
    await until(() => bob.live === 0, 'the end');
    expect(cancelled).toBe(1);
    expect(bob.requests).toHaveLength(1);
  });

  it('answers CANCEL after the final response with 200, and nothing changes', async () => {
    let cancelled = 0;
    bob.onRequest = (transaction) => {
      transaction.onCancel = () => cancelled++;
      transaction.respond(486);
    };
    send('INVITE');
    await peer.response(486);
    send('CANCEL');
    await peer.response(200);
    expect(cancelled).toBe(0);
  });

  it('answers 481 to a CANCEL of nothing, and keeps nothing of it', async () => {
    send('CANCEL');
    await peer.response(481);
    expect(bob.live).toBe(0);
    expect(bob.requests).toEqual([]);
  });
});
