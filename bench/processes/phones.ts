import { newTag } from '#service/sip/dialog.js';
import { type NameAddr, tagOf } from '#service/sip/message.js';
import { answerTo, inactiveOffer, rewriteDirection } from '#service/sip/sdp.js';
import { SipStack } from '#service/sip/sip-stack.js';
import type { ServerTransaction } from '#service/sip/stack.js';
import { parseUri } from '#service/sip/uri.js';
import { answer } from '../support/asked.ts';
import { contactOf, type Device, registerDevices } from '../support/register-devices.ts';

/** SIP phones that ring and answer at once, and tell the bench what reaches them. */

/** A session of the service, by its tracking id, was acknowledged or hung up on one of its phones. */
export type PhoneReport = ['ack' | 'bye', string];

const HOST = '127.0.0.1';

const stack = new SipStack({
  host: HOST,
  port: 0,
  // Half of the usual: at 2,000 cycles per second the stack's limit on transactions, kept for 64*T1, would be reached.
  timers: { t1: 250, t4: 1_000 },
  handlers: {
    onRequest: receive,
    onAck: (ack) => report('ack', ack.from),
    onStrayInviteSuccess: () => undefined,
  },
});
await stack.start();

let reports: PhoneReport[] = [];

/** The local tags of the service begin with the id of the session. */
function report(what: PhoneReport[0], from: NameAddr): void {
  if (reports.length === 0) {
    setImmediate(() => {
      process.send?.(reports);
      reports = [];
    });
  }
  reports.push([what, (tagOf(from) ?? '').slice(0, 36)]);
}

function receive(incoming: ServerTransaction): void {
  const { request } = incoming;
  if (request.method === 'BYE') report('bye', request.from);
  if (request.method !== 'INVITE') return incoming.respond(200);
  const headers = { contact: [contactOf(parseUri(request.uri).user ?? '', stack)] };
  if (tagOf(request.to) === undefined) incoming.respond(180, { toTag: newTag(), headers });
  incoming.respond(200, { headers, body: sdpFor(request.body) });
}

function sdpFor(offer: string): string {
  if (!offer) return rewriteDirection(inactiveOffer({ address: HOST }), 'sendrecv');
  return answerTo(offer, { address: HOST });
}

function register({
  registrar,
  devices,
}: {
  registrar: { host: string; port: number };
  devices: Device[];
}): Promise<void> {
  return registerDevices(stack, { transport: 'udp', ...registrar }, devices);
}

answer({ register });
