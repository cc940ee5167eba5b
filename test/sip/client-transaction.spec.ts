import { setTimeout as delay } from 'node:timers/promises';
import { GIVE_UP, ListeningStack, until } from './support/listening-stack.js';
import { Peer, responseText } from './support/peer.js';

/** What the engine knows from its store of an INVITE that a former process sent. */
function stored(alice: ListeningStack) {
  const { uri, from, to, callId } = alice.request('INVITE');
  return { uri, from, to, callId, cseq: 7 };
}

describe('a client transaction', () => {
  let alice: ListeningStack;
  let peer: Peer;

  beforeEach(async () => {
    alice = await ListeningStack.start();
    peer = await Peer.open();
  });

  afterEach(async () => {
    peer.close();
    await alice.stack.stop();
  });

  const answer = (...given: Parameters<typeof responseText>) =>
    peer.send(responseText(...given), alice.stack.port);

  it('puts its Via with cookie, address and rport, and Max-Forwards', async () => {
    const { transaction } = alice.send(alice.request('OPTIONS'), peer.target);
    const heard = await peer.request('OPTIONS');
    expect(heard.vias).toEqual([
      {
        transport: 'UDP',
        host: '127.0.0.1',
        port: alice.stack.port,
        params: { branch: expect.stringMatching(/^z9hG4bK[0-9a-f]{32}$/), rport: true },
      },
    ]);
    expect(heard.headers['max-forwards']).toEqual(['70']);
    expect(transaction.request.vias).toEqual(heard.vias);
  });

  it('refuses a branch that is in use', () => {
    alice.send(alice.request('OPTIONS'), peer.target, 'z9hG4bKmine');
    expect(() => alice.send(alice.request('OPTIONS'), peer.target, 'z9hG4bKmine')).toThrow('z9hG4bKmine');
  });

  it('leaves nothing behind when a header cannot be sent', () => {
    const request = alice.request('OPTIONS', { headers: { subject: ['a\r\nb'] } });
    expect(() => alice.send(request, peer.target)).toThrow('line break');
    expect(alice.live).toBe(0);
  });

  describe('of a request other than INVITE', () => {
    it('repeats the request until the final response, which it tells once', async () => {
      const { responses } = alice.send(alice.request('OPTIONS'), peer.target);
      const third = await peer.request('OPTIONS', 3);
      answer(third, 200);
      answer(third, 200);
      await until(() => responses.length > 0, 'the response');
      const repeats = peer.requests('OPTIONS').length;
      await delay(200);
      expect(peer.requests('OPTIONS')).toHaveLength(repeats);
      expect(responses.map(({ status }) => status)).toEqual([200]);
      expect(alice.live).toBe(0);
      expect(alice.stack.counts.stray).toBe(1);
    });

    it('is answered 408 by the stack itself after 64*T1, having repeated no faster than T2', async () => {
      const { responses } = alice.send(alice.request('OPTIONS'), peer.target);
      await until(() => responses.length > 0, 'the time-out');
      expect(responses).toMatchObject([{ status: 408, local: true, cseq: { method: 'OPTIONS' } }]);
      // At 0, T1, 3*T1, and then each T2 = 4*T1: 18 within 64*T1 if nothing is late.
      expect(peer.requests('OPTIONS').length).toBeGreaterThan(10);
      expect(peer.requests('OPTIONS').length).toBeLessThanOrEqual(18);
      expect(alice.live).toBe(0);
    });

    it('goes on repeating after a provisional response', async () => {
      alice.send(alice.request('OPTIONS'), peer.target);
      answer(await peer.request('OPTIONS'), 100);
      await peer.request('OPTIONS', 4);
      expect(alice.stack.counts.clients).toBe(1);
    });
  });

  describe('of an INVITE', () => {
    it('repeats it after twice as long each time, and gives up with 408', async () => {
      const { responses } = alice.send(alice.request('INVITE'), peer.target);
      await until(() => responses.length > 0, 'the time-out');
      expect(responses).toMatchObject([{ status: 408, local: true }]);
      // At 0, T1, 3*T1, 7*T1 … 63*T1: 7 within 64*T1 if nothing is late.
      expect(peer.requests('INVITE').length).toBeGreaterThan(4);
      expect(peer.requests('INVITE').length).toBeLessThanOrEqual(7);
      expect(alice.live).toBe(0);
    });

    it('stays silent and waits without end once a provisional response has come', async () => {
      const { responses } = alice.send(alice.request('INVITE'), peer.target);
      answer(await peer.request('INVITE'), 180);
      await until(() => responses.length > 0, '180');
      const sent = peer.requests('INVITE').length;
      await delay(GIVE_UP + 100);
      expect(peer.requests('INVITE')).toHaveLength(sent);
      expect(responses.map(({ status }) => status)).toEqual([180]);
      expect(alice.stack.counts.clients).toBe(1);
    });

    it('keeps 100 to itself', async () => {
      const { responses } = alice.send(alice.request('INVITE'), peer.target);
      const invite = await peer.request('INVITE');
      answer(invite, 100);
      answer(invite, 180);
      await until(() => responses.length > 0, '180');
      expect(responses.map(({ status }) => status)).toEqual([180]);
    });

    it('acknowledges a refusal and each repeat of it along the Route of the INVITE, and tells it once', async () => {
      const routeSet = ['<sip:127.0.0.1:5070;lr>', '<sip:127.0.0.1:5080;lr>'];
      const { responses, transaction } = alice.send(alice.request('INVITE', { routeSet }), peer.target);
      const invite = await peer.request('INVITE');
      answer(invite, 486, { tag: 'busy' });
      answer(invite, 486, { tag: 'busy' });
      const ack = await peer.request('ACK', 2);
      expect(ack).toMatchObject({
        uri: invite.uri,
        callId: invite.callId,
        from: invite.from,
        to: { params: { tag: 'busy' } },
        cseq: { number: 1, method: 'ACK' },
        headers: { route: routeSet },
      });
      expect(ack.vias).toEqual(transaction.request.vias);
      expect(responses.map(({ status }) => status)).toEqual([486]);
      await until(() => alice.live === 0, 'the end of timer D');
    });

    it('repeats the ACK of a 2xx for each repeat of the 2xx, which it tells once', async () => {
      const { responses, transaction } = alice.send(alice.request('INVITE'), peer.target);
      const invite = await peer.request('INVITE');
      answer(invite, 200);
      answer(invite, 200);
      await until(() => responses.length > 0, '200');
      expect(peer.requests('ACK')).toEqual([]);
      const ack = alice.request('ACK', { callId: invite.callId, body: 'v=0\r\n' });
      transaction.ack(responses[0]!, ack, peer.target);
      await peer.request('ACK');
      answer(invite, 200);
      const second = await peer.request('ACK', 2);
      expect(second).toEqual(peer.requests('ACK')[0]);
      expect(second.body).toBe('v=0\r\n');
      expect(second.vias[0]?.params.branch).not.toBe(invite.vias[0]?.params.branch);
      expect(responses).toHaveLength(1);
    });

    it('tells the 2xx of every fork, and after 64*T1 leaves further ones to the listener as strays', async () => {
      const { responses } = alice.send(alice.request('INVITE'), peer.target);
      const invite = await peer.request('INVITE');
      answer(invite, 200, { tag: 'one' });
      answer(invite, 200, { tag: 'two' });
      await until(() => responses.length === 2, 'both answers');
      expect(responses.map(({ to }) => to.params.tag)).toEqual(['one', 'two']);
      await until(() => alice.live === 0, 'the end of timer M');
      answer(invite, 200, { tag: 'one' });
      await until(() => alice.strays.length === 1, 'the stray');
      expect(responses).toHaveLength(2);
    });

    it('holds a CANCEL back until a provisional response, and then ends with 487', async () => {
      const routeSet = ['<sip:127.0.0.1:5070;lr>'];
      const { responses, transaction } = alice.send(alice.request('INVITE', { routeSet }), peer.target);
      transaction.cancel();
      const invite = await peer.request('INVITE');
      await delay(60);
      expect(peer.requests('CANCEL')).toEqual([]);
      answer(invite, 100);
      const cancel = await peer.request('CANCEL');
      expect(cancel).toMatchObject({
        uri: invite.uri,
        callId: invite.callId,
        from: invite.from,
        to: invite.to,
        cseq: { number: 1, method: 'CANCEL' },
        headers: { route: routeSet },
      });
      expect(cancel.vias).toEqual(transaction.request.vias);
      answer(cancel, 200);
      answer(invite, 487);
      await peer.request('ACK');
      expect(responses.map(({ status }) => status)).toEqual([487]);
      await until(() => alice.live === 0, 'the end');
    });

    it('sends CANCEL at once when a provisional response is there, and gives up after 64*T1 with 408', async () => {
      const { responses, transaction } = alice.send(alice.request('INVITE'), peer.target);
      answer(await peer.request('INVITE'), 180);
      await until(() => responses.length > 0, '180');
      transaction.cancel();
      transaction.cancel();
      answer(await peer.request('CANCEL'), 200);
      await until(() => responses.length > 1, 'the end');
      expect(responses[1]).toMatchObject({ status: 408, local: true });
      expect(alice.live).toBe(0);
    });

    it('sends no CANCEL after the final response', async () => {
      const { responses, transaction } = alice.send(alice.request('INVITE'), peer.target);
      answer(await peer.request('INVITE'), 200);
      await until(() => responses.length > 0, '200');
      transaction.cancel();
      await delay(60);
      expect(peer.requests('CANCEL')).toEqual([]);
    });
  });

  describe('of a former process', () => {
    it('is cancelled by its stored branch, and its 487 is acknowledged', async () => {
      alice.stack.cancelStored(stored(alice), 'z9hG4bKstored', peer.target);
      const cancel = await peer.request('CANCEL');
      expect(cancel.cseq.number).toBe(7);
      expect(cancel.vias[0]?.params.branch).toBe('z9hG4bKstored');
      answer(cancel, 200);
      answer({ ...cancel, cseq: { number: 7, method: 'INVITE' } }, 487);
      const ack = await peer.request('ACK');
      expect(ack).toMatchObject({ cseq: { number: 7 }, vias: cancel.vias, to: { params: { tag: 'peer' } } });
      expect(alice.strays).toEqual([]);
      await until(() => alice.live === 0, 'the end');
    });

    it('is told as a stray success when its phone had answered', async () => {
      alice.stack.cancelStored(stored(alice), 'z9hG4bKstored', peer.target);
      const cancel = await peer.request('CANCEL');
      answer({ ...cancel, cseq: { number: 7, method: 'INVITE' } }, 200);
      await until(() => alice.strays.length === 1, 'the success');
      expect(alice.strays[0]?.status).toBe(200);
    });
  });

  it('survives a listener that throws, and reports what it threw', async () => {
    alice.stack.sendRequest(alice.request('OPTIONS'), peer.target, {
      onResponse: () => {
        throw new Error('listener is broken');
      },
    });
    answer(await peer.request('OPTIONS'), 200);
    await until(() => alice.errors.length === 1, 'the report');
    expect(alice.live).toBe(0);
  });

  it.each([
    ['udp', 70_000],
    ['udp', 0],
    ['tcp', 70_000],
    ['tcp', 1],
  ] as const)(
    'to a place that cannot be sent to is answered 503 by the stack, later (%s port %i)',
    async (transport, port) => {
      const { responses } = alice.send(alice.request('INVITE'), { transport, host: '127.0.0.1', port });
      expect(responses).toEqual([]);
      await until(() => responses.length > 0, '503');
      expect(responses).toMatchObject([{ status: 503, local: true }]);
      expect(alice.live).toBe(0);
    },
  );

  it('leaves no timer behind when the stack stops', async () => {
    const before = timers();
    alice.send(alice.request('INVITE'), peer.target);
    alice.send(alice.request('OPTIONS'), peer.target);
    expect(timers()).toBe(before + 4);
    await alice.stack.stop();
    expect(timers()).toBe(before);
    alice = await ListeningStack.start();
  });
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}
