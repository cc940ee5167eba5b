import { ackFor, dialogFromResponse, inDialogRequest } from '../../src/sip/dialog.js';
import type { SipResponse } from '../../src/sip/message.js';
import type { Target } from '../../src/sip/stack.js';
import { ListeningStack, until } from './support/listening-stack.js';
import { Relay, type Weather } from './support/relay.js';

const CALLS = 25;
/** T4 is how long a datagram may be on its way, on a loaded machine as well. */
const timers = { t1: 20, t2: 80, t4: 1000 };

const weathers: [string, Weather][] = [
  ['that loses the first copy of everything', (seenBefore) => (seenBefore === 0 ? 0 : 1)],
  ['that doubles everything', () => 2],
  ['that loses the first two copies and doubles the others', (seenBefore) => (seenBefore < 2 ? 0 : 2)],
];

describe('calls over a network', () => {
  it.each(weathers)('%s come about, are acknowledged, told and ended once', async (_, weather) => {
    const alice = await ListeningStack.start({ timers });
    const bob = await ListeningStack.start({ timers });
    const relay = await Relay.between(alice.stack.port, bob.stack.port, weather);
    const target: Target = { transport: 'udp', host: '127.0.0.1', port: relay.port };
    let unacknowledged = 0;
    bob.onRequest = (transaction) => {
      transaction.onNoAck = () => unacknowledged++;
      transaction.respond(200, { headers: { contact: ['<sip:bob@127.0.0.1>'] } });
    };
    const answers: SipResponse[] = [];
    const farewells: SipResponse[] = [];
    for (let call = 0; call < CALLS; call++) {
      const invite = alice.request('INVITE');
      const transaction = alice.stack.sendRequest(invite, target, {
        onResponse: (response) => {
          answers.push(response);
          const dialog = dialogFromResponse(invite, response, target);
          transaction.ack(response, ackFor(dialog, 1), target);
          const bye = inDialogRequest(dialog, 'BYE');
          alice.stack.sendRequest(bye, target, { onResponse: (final) => farewells.push(final) });
        },
      });
    }
    await until(() => farewells.length === CALLS && bob.acks.length === CALLS, 'the calls');
    await until(() => alice.live + bob.live === 0, 'the end of all transactions');
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: CALLS }, () => 200));
    expect(farewells.map(({ status }) => status)).toEqual(Array.from({ length: CALLS }, () => 200));
    expect(bob.requests).toHaveLength(2 * CALLS);
    expect(bob.acks).toHaveLength(CALLS);
    expect(unacknowledged).toBe(0);
    expect([...alice.strays, ...bob.strays, ...alice.errors, ...bob.errors]).toEqual([]);
    relay.close();
    await Promise.all([alice.stack.stop(), bob.stack.stop()]);
  });
});
