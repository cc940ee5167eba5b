import { createRequest, newCallId, newTag } from '#service/sip/dialog.js';
import { authorize } from '#service/sip/digest.js';
import { type NameAddr, type SipResponse, tagOf } from '#service/sip/message.js';
import { answerTo, inactiveOffer, rewriteDirection } from '#service/sip/sdp.js';
import { SipStack } from '#service/sip/sip-stack.js';
import type { ServerTransaction, Target } from '#service/sip/stack.js';
import { parseUri } from '#service/sip/uri.js';
import { answer } from '../support/asked.ts';

/** SIP phones that ring and answer at once, and tell the bench what reaches them. */
interface Device {
  addressOfRecord: string;
  password: string;
}

/** A session of the service, by its tracking id, was acknowledged or hung up on one of its phones. */
export type PhoneReport = ['ack' | 'bye', string];

const HOST = '127.0.0.1';
const AT_ONCE = 50;

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
  const headers = { contact: [contactOf(parseUri(request.uri).user ?? '')] };
  if (tagOf(request.to) === undefined) incoming.respond(180, { toTag: newTag(), headers });
  incoming.respond(200, { headers, body: sdpFor(request.body) });
}

function sdpFor(offer: string): string {
  if (!offer) return rewriteDirection(inactiveOffer({ address: HOST }), 'sendrecv');
  return answerTo(offer, { address: HOST });
}

function contactOf(user: string): string {
  return `<sip:${user}@${HOST}:${stack.port}>`;
}

async function register({
  registrar,
  devices,
}: {
  registrar: { host: string; port: number };
  devices: Device[];
}) {
  const target: Target = { transport: 'udp', ...registrar };
  for (let from = 0; from < devices.length; from += AT_ONCE) {
    await Promise.all(devices.slice(from, from + AT_ONCE).map((device) => registerOne(target, device)));
  }
}

async function registerOne(registrar: Target, { addressOfRecord, password }: Device): Promise<void> {
  const [username = '', realm = ''] = addressOfRecord.split('@');
  const uri = `sip:${realm}`;
  const callId = newCallId(HOST);
  const first = await send(1, {});
  const challenges = first.headers['www-authenticate'] ?? [];
  const credentials = authorize({ challenges, method: 'REGISTER', uri, username, password });
  const second = await send(2, { authorization: [credentials.value] });
  if (second.status !== 200) throw new Error(`${addressOfRecord}: REGISTER was answered ${second.status}`);

  function send(cseq: number, headers: Record<string, string[]>): Promise<SipResponse> {
    const address = { uri: `sip:${addressOfRecord}` };
    const request = createRequest({
      method: 'REGISTER',
      uri,
      from: { ...address, params: { tag: newTag() } },
      to: { ...address, params: {} },
      callId,
      cseq,
      contact: `${contactOf(username)};expires=7200`,
      headers,
    });
    return new Promise((resolve) => {
      stack.sendRequest(request, registrar, {
        onResponse: (response) => response.status >= 200 && resolve(response),
      });
    });
  }
}

answer({ register });
