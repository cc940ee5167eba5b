import { ListeningStack, until } from './support/listening-stack.js';
import { Peer } from './support/peer.js';

describe('what a stack counts of its traffic', () => {
  let stack: ListeningStack;
  let other: ListeningStack;
  let peer: Peer;
  beforeEach(async () => {
    stack = await ListeningStack.start();
    other = await ListeningStack.start();
    peer = await Peer.open();
  });
  afterEach(async () => {
    peer.close();
    await stack.stack.stop();
    await other.stack.stop();
  });

  it('are its requests by method, and each repeat that nobody answers', async () => {
    const { responses } = stack.send(stack.request('OPTIONS'), peer.target);
    await until(() => responses.length > 0, 'the end of its patience');
    const { requests, retransmissions } = stack.stack.traffic;
    const sent = requests.out.OPTIONS;
    expect(sent).toBeGreaterThan(2);
    await until(() => peer.requests('OPTIONS').length === sent, 'that each of them is heard');
    expect(requests.out).toMatchObject({ INVITE: 0, other: 0 });
    expect(retransmissions).toEqual({ in: 0, out: sent - 1 });
  });

  it('are the answers of both sides by class, and a 2xx that is sent until its ACK comes', async () => {
    other.onRequest = (transaction) => transaction.respond(200);
    const { responses } = stack.send(stack.request('INVITE'), other.target);
    await until(() => other.stack.traffic.retransmissions.out > 2, 'a repeat of the answer');
    expect(responses).toHaveLength(1);
    const sent = other.stack.traffic.responses.out;
    expect(sent['2xx']).toBe(other.stack.traffic.retransmissions.out + 1);
    await until(() => stack.stack.traffic.responses.in['2xx'] >= sent['2xx'], 'what was sent');
  });

  it('are methods that nobody has registered as one', () => {
    const { traffic } = stack.stack;
    for (const method of ['INVITE', 'invite', 'MADE-UP', '__proto__', 'constructor', '']) {
      traffic.request('in', method);
    }
    expect(traffic.requests.in).toMatchObject({ INVITE: 1, other: 5 });
    expect(Object.keys(traffic.requests.in)).toHaveLength(15);
    for (const status of [99, 100, 699, 700, Number.NaN]) traffic.response('in', status);
    expect(traffic.responses.in).toEqual({ '1xx': 1, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, '6xx': 1 });
  });
});
