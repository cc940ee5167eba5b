import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  ackFor,
  acceptInDialog,
  createRequest,
  dialogFromRequest,
  dialogFromResponse,
  type DialogState,
  inDialogRequest,
  newCallId,
  newTag,
  nextHop,
} from '#service/sip/dialog.js';
import { authorize } from '#service/sip/digest.js';
import { type SipRequest, type SipResponse, tagOf } from '#service/sip/message.js';
import { answerTo, audioOf, inactiveOffer, rewriteDirection } from '#service/sip/sdp.js';
import { SipStack } from '#service/sip/sip-stack.js';
import type { ServerTransaction, Target } from '#service/sip/stack.js';
import { parseUri } from '#service/sip/uri.js';
import { BUSY, RINGS_ON } from '../soak/numbers.ts';
import { answer } from '../support/asked.ts';
import { contactOf, type Device, registerDevices } from '../support/register-devices.ts';

/**
 * The phones and the trunk of the soak: they answer, ring, refuse, call, talk and hang up, and tell what becomes of the
 * sessions of the service, by tracking id. `gone`: the session has no leg here any more.
 */
export type SoakReport = ['ack' | 'ringing' | 'gone', string];

const HOST = '127.0.0.1';
const PACKET_MS = 20;

interface PhoneCall {
  session: string;
  user: string;
  dialog: DialogState;
  /** While it rings. */
  incoming?: ServerTransaction;
  /** Where the other party hears. */
  audioTo?: number;
  talks: boolean;
}

const stack = new SipStack({
  host: HOST,
  port: 0,
  handlers: {
    onRequest: receive,
    onAck: (ack) => report('ack', sessionOf(tagOf(ack.from))),
    onStrayInviteSuccess: () => undefined,
  },
});
await stack.start();

/** By the phone's own tag. */
const calls = new Map<string, PhoneCall>();
const inSession = new Map<string, Set<PhoneCall>>();
let registrar: Target;
let reports: SoakReport[] = [];
let packets = 0;

/** One for all parties: it sends from where their descriptions say. */
const audio = createSocket({ type: 'udp4', lookup: (name, _options, done) => done(null, name, 4) });
const listening = once(audio, 'listening');
audio.bind(0, HOST);
await listening;
audio.on('message', () => packets++);

/** The local tags of the service begin with the id of the session. */
function sessionOf(tag = ''): string {
  return tag.slice(0, 36);
}

function report(what: SoakReport[0], session: string): void {
  if (reports.length === 0) {
    setImmediate(() => {
      process.send?.(reports);
      reports = [];
    });
  }
  reports.push([what, session]);
}

function keep(call: PhoneCall): void {
  calls.set(call.dialog.localTag, call);
  const others = inSession.get(call.session) ?? new Set();
  inSession.set(call.session, others.add(call));
}

function forget(call: PhoneCall): void {
  calls.delete(call.dialog.localTag);
  const others = inSession.get(call.session);
  if (!others?.delete(call) || others.size > 0) return;
  inSession.delete(call.session);
  report('gone', call.session);
}

function receive(incoming: ServerTransaction): void {
  const { request } = incoming;
  if (tagOf(request.to) !== undefined) return receiveInDialog(incoming, calls.get(tagOf(request.to)!));
  if (request.method !== 'INVITE') return incoming.respond(200);
  const user = parseUri(request.uri).user ?? '';
  if (user === BUSY) return incoming.respond(486);
  const toTag = newTag();
  const call: PhoneCall = {
    session: sessionOf(tagOf(request.from)),
    user,
    dialog: dialogFromRequest(request, toTag, incoming.source),
    talks: false,
  };
  keep(call);
  const headers = { contact: [contactOf(user, stack)] };
  incoming.respond(180, { toTag, headers });
  incoming.onCancel = () => {
    incoming.respond(487, { toTag });
    forget(call);
  };
  if (user === RINGS_ON) return report('ringing', call.session);
  hear(call, request.body);
  incoming.respond(200, { toTag, headers, body: sdpFor(request.body) });
}

function receiveInDialog(incoming: ServerTransaction, call: PhoneCall | undefined): void {
  const { request } = incoming;
  if (!call || acceptInDialog(call.dialog, request) !== 'ok') return incoming.respond(call ? 500 : 481);
  if (request.method !== 'INVITE') {
    incoming.respond(200);
    if (request.method === 'BYE') forget(call);
    return;
  }
  hear(call, request.body);
  incoming.respond(200, { headers: { contact: [contactOf(call.user, stack)] }, body: sdpFor(request.body) });
}

function hear(call: PhoneCall, sdp: string): void {
  const port = sdp ? audioOf(sdp)?.port : undefined;
  if (port !== undefined && port !== 9) call.audioTo = port;
}

function sdpFor(offer: string): string {
  const sdp = offer
    ? answerTo(offer, { address: HOST })
    : rewriteDirection(inactiveOffer({ address: HOST }), 'sendrecv');
  return sdp.replace('m=audio 9 ', `m=audio ${audio.address().port} `);
}

async function register(given: { registrar: { host: string; port: number }; devices: Device[] }) {
  registrar = { transport: 'udp', ...given.registrar };
  await registerDevices(stack, registrar, given.devices);
}

/** Calls from a phone. @returns the session's id, once the phone is through */
async function dial({ device, number }: { device: Device; number: string }): Promise<string> {
  const { addressOfRecord, password } = device;
  const [username = '', host = ''] = addressOfRecord.split('@');
  const uri = `sip:${number}@${host}`;
  const [callId, tag] = [newCallId(HOST), newTag()];
  const body = sdpFor('');
  const invite = (cseq: number, headers: Record<string, string[]>) =>
    createRequest({
      method: 'INVITE',
      uri,
      from: { uri: `sip:${addressOfRecord}`, params: { tag } },
      to: { uri, params: {} },
      callId,
      cseq,
      contact: contactOf(username, stack),
      headers,
      body,
    });
  const { response: challenge } = await finalOf(invite(1, {}));
  const challenges = challenge.headers['www-authenticate'] ?? [];
  const { value } = authorize({ challenges, method: 'INVITE', uri, username, password });
  const { request, response, acknowledge } = await finalOf(invite(2, { authorization: [value] }));
  if (response.status !== 200) throw new Error(`INVITE from ${username} was answered ${response.status}`);
  const dialog = dialogFromResponse(request, response, registrar);
  const call: PhoneCall = { session: sessionOf(dialog.remoteTag), user: username, dialog, talks: false };
  hear(call, response.body);
  keep(call);
  acknowledge(ackFor(dialog, response.cseq.number));
  return call.session;
}

function finalOf(
  request: SipRequest,
): Promise<{ request: SipRequest; response: SipResponse; acknowledge(ack: SipRequest): void }> {
  return new Promise((resolve) => {
    const transaction = stack.sendRequest(request, registrar, {
      onResponse: (response) => {
        if (response.status < 200) return;
        const acknowledge = (ack: SipRequest) => transaction.ack(response, ack, registrar);
        resolve({ request, response, acknowledge });
      },
    });
  });
}

/** @returns the status that BYE was answered with */
function hangUp({ session, user }: { session: string; user: string }): Promise<number> {
  const call = [...(inSession.get(session) ?? [])].find((each) => each.user === user);
  if (!call) throw new Error(`${user} has no call in ${session}`);
  call.talks = false;
  return new Promise((resolve) => {
    stack.sendRequest(inDialogRequest(call.dialog, 'BYE'), nextHop(call.dialog), {
      onResponse: ({ status }) => {
        if (status < 200) return;
        forget(call);
        resolve(status);
      },
    });
  });
}

/** Both talk until they hang up. */
function talk(session: string): void {
  for (const call of inSession.get(session) ?? []) call.talks = true;
}

const packet = Buffer.alloc(12 + 160, 0x55);
packet[0] = 0x80;
packet[1] = 0;
let sequence = 0;
setInterval(() => {
  sequence++;
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE((sequence * 160) >>> 0, 4);
  const own = Buffer.from(packet);
  for (const { talks, audioTo } of calls.values())
    if (talks && audioTo !== undefined) audio.send(own, audioTo, HOST);
}, PACKET_MS);

answer({
  register,
  dial,
  hangUp,
  talk,
  /** Calls that the phones believe to be in, and packets of audio that they have heard. */
  state: () => ({ calls: calls.size, packets }),
});
console.log(`trunk on port ${stack.port}`);
