import { VirtualCalls } from '../../src/sandbox/virtual-calls.js';
import { ackFor, createRequest, dialogFromResponse, newCallId, newTag } from '../../src/sip/dialog.js';
import { tagOf } from '../../src/sip/message.js';
import { inactiveOffer, rewriteDirection } from '../../src/sip/sdp.js';
import { SipStack } from '../../src/sip/sip-stack.js';
import type { ServerTransaction, SipHandlers, Target } from '../../src/sip/stack.js';

const HOST = '127.0.0.1';

/** The outside world: rings and answers whoever is called, and calls. */
export class Trunk {
  private readonly stack: SipStack;
  private readonly calls = new VirtualCalls(() => this.stack);
  /** Tag of the call that it made. */
  private readonly ownTag = newTag();

  constructor(onTraffic: NonNullable<SipHandlers['onTraffic']>) {
    this.stack = new SipStack({
      host: HOST,
      port: 0,
      handlers: {
        onTraffic,
        onRequest: (incoming) => this.receive(incoming),
        onAck: () => undefined,
        onStrayInviteSuccess: () => undefined,
      },
    });
  }

  start(): Promise<void> {
    return this.stack.start();
  }

  async stop(): Promise<void> {
    this.calls.clear();
    await this.stack.stop();
  }

  /** `host:port` */
  get address(): string {
    return `${HOST}:${this.stack.port}`;
  }

  /** Calls; resolves with the final status. */
  call(caller: string, number: string, service: Target): Promise<number> {
    const request = createRequest({
      method: 'INVITE',
      uri: `sip:${number}@${service.host}`,
      from: { uri: `sip:${caller}@${HOST}`, params: { tag: this.ownTag } },
      to: { uri: `sip:${number}@${service.host}`, params: {} },
      callId: newCallId(HOST),
      cseq: 1,
      contact: `<sip:${this.address}>`,
      body: rewriteDirection(inactiveOffer({ address: HOST }), 'sendrecv'),
    });
    return new Promise((resolve) => {
      const transaction = this.stack.sendRequest(request, service, {
        onResponse: (response) => {
          if (response.status < 200) return;
          const dialog = dialogFromResponse(request, response, service);
          if (response.status < 300) transaction.ack(response, ackFor(dialog, 1), service);
          resolve(response.status);
        },
      });
    });
  }

  private receive(incoming: ServerTransaction): void {
    const contact = `<sip:${this.address}>`;
    const tag = tagOf(incoming.request.to);
    if (tag === undefined) return this.calls.ring(incoming, contact, { answerAfter: 0 });
    if (tag === this.ownTag) return incoming.respond(200);
    this.calls.inDialog(incoming, contact);
  }
}
