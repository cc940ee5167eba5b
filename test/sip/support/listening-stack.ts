import { setTimeout as delay } from 'node:timers/promises';
import { createRequest, newCallId, newTag, type NewRequest } from '../../../src/sip/dialog.js';
import type { SipRequest, SipResponse } from '../../../src/sip/message.js';
import { SipStack } from '../../../src/sip/sip-stack.js';
import type { ServerTransaction, SipStackOptions, Target } from '../../../src/sip/stack.js';

const TIMERS = { t1: 10, t2: 40, t4: 30 };
/** 64*T1 */
export const GIVE_UP = 64 * TIMERS.t1;

/** A started stack that notes what it tells its listener. */
export class ListeningStack {
  readonly requests: ServerTransaction[] = [];
  readonly acks: SipRequest[] = [];
  readonly strays: SipResponse[] = [];
  readonly errors: unknown[] = [];
  onRequest: (transaction: ServerTransaction) => void = () => undefined;
  readonly stack: SipStack;

  constructor(options: Partial<SipStackOptions> = {}) {
    this.stack = new SipStack({
      host: '127.0.0.1',
      port: 0,
      timers: TIMERS,
      handlers: {
        onRequest: (transaction) => {
          this.requests.push(transaction);
          this.onRequest(transaction);
        },
        onAck: (ack) => this.acks.push(ack),
        onStrayInviteSuccess: (response) => this.strays.push(response),
        onError: (error) => this.errors.push(error),
      },
      ...options,
    });
  }

  static async start(options: Partial<SipStackOptions> = {}): Promise<ListeningStack> {
    const listening = new ListeningStack(options);
    await listening.stack.start();
    return listening;
  }

  get target(): Target {
    return { transport: 'udp', host: this.stack.host, port: this.stack.port };
  }

  get tcpTarget(): Target {
    return { transport: 'tcp', host: this.stack.host, port: this.stack.port };
  }

  /** Transactions that are live, of both sides. */
  get live(): number {
    const { clients, servers, acks, merges } = this.stack.counts;
    return clients + servers + acks + merges;
  }

  request(method: string, more: Partial<NewRequest> = {}): SipRequest {
    return createRequest({
      method,
      uri: 'sip:bob@127.0.0.1',
      from: { uri: 'sip:alice@example.test', params: { tag: newTag() } },
      to: { uri: 'sip:bob@example.test', params: {} },
      callId: newCallId('127.0.0.1'),
      cseq: 1,
      ...more,
    });
  }

  /** Sends and notes the responses. */
  send(request: SipRequest, target: Target, branch?: string) {
    const responses: SipResponse[] = [];
    const transaction = this.stack.sendRequest(request, target, {
      ...(branch !== undefined && { branch }),
      onResponse: (response) => responses.push(response),
    });
    return { transaction, responses };
  }
}

/** Polls until `condition` holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 8000) throw new Error(`${what} did not come about`);
    await delay(5);
  }
}
