import {
  acceptInDialog,
  ackFor,
  createRequest,
  dialogFromRequest,
  dialogFromResponse,
  type DialogState,
  inDialogRequest,
  newCallId,
  newTag,
  nextHop,
} from '../../src/sip/dialog.js';
import { authorize } from '../../src/sip/digest.js';
import { type SipRequest, type SipResponse, tagOf } from '../../src/sip/message.js';
import { answerTo, inactiveOffer, rewriteDirection } from '../../src/sip/sdp.js';
import { SipStack } from '../../src/sip/sip-stack.js';
import type { ServerTransaction, Target } from '../../src/sip/stack.js';
import { eventually } from './wait.js';

const HOST = '127.0.0.1';
/** A SIP phone that does exactly what a test says: by default it rings and answers at once. */
export class SipPhone {
  readonly requests: SipRequest[] = [];
  readonly acks: SipRequest[] = [];
  dialog: DialogState | undefined;
  /** Answers an INVITE of a new call. */
  onInvite: (incoming: ServerTransaction) => void = (incoming) => this.answer(incoming);
  /** Answers a request in the dialog; true when it has. */
  onRequest: (incoming: ServerTransaction) => boolean = () => false;
  private readonly stack: SipStack;
  private registrar: Target | undefined;
  private version = 0;

  private constructor(
    readonly addressOfRecord: string,
    private readonly password: string,
  ) {
    this.stack = new SipStack({
      host: HOST,
      port: 0,
      handlers: {
        onRequest: (incoming) => this.receive(incoming),
        onAck: (ack) => this.acks.push(ack),
        onStrayInviteSuccess: () => undefined,
      },
    });
  }

  /** A phone of the demo directory, registered. */
  static async register(user: string, registrar: { host: string; port: number }): Promise<SipPhone> {
    const phone = new SipPhone(`${user}@sip.example.test`, `${user}-secret`);
    await phone.stack.start();
    phone.registrar = { transport: 'udp', ...registrar };
    const response = await phone.sendRegister('300');
    if (response.status !== 200) {
      await phone.stop();
      throw new Error(`REGISTER was answered ${response.status}`);
    }
    return phone;
  }

  stop(): Promise<void> {
    return this.stack.stop();
  }

  get contact(): string {
    return `<sip:${this.addressOfRecord.split('@')[0]}@${HOST}:${this.stack.port}>`;
  }

  /** Requests of the method that came, in order. */
  seen(method: string): SipRequest[] {
    return this.requests.filter((request) => request.method === method);
  }

  async waitFor(method: string, count = 1): Promise<SipRequest> {
    return eventually(
      () => (this.seen(method).length >= count ? this.seen(method)[count - 1] : undefined),
      () => `${this.addressOfRecord} has seen ${this.seen(method).length} ${method}, not ${count}`,
    );
  }

  /** Rings, and answers with the SDP of a phone that talks. */
  answer(incoming: ServerTransaction, headers: Record<string, string[]> = {}): void {
    const toTag = newTag();
    this.dialog = dialogFromRequest(incoming.request, toTag, incoming.source);
    incoming.respond(180, { toTag, headers: { contact: [this.contact] } });
    incoming.respond(200, {
      toTag,
      headers: { contact: [this.contact], ...headers },
      body: this.sdpFor(incoming.request.body),
    });
  }

  /** Calls; resolves with the final response, acknowledged when it is a success. */
  async dial(number: string): Promise<SipResponse> {
    return (await this.invite(number, this.offer('sendrecv'))).response;
  }

  /** Calls without an offer, and answers the one that comes in the ACK. @param answer default: as a phone would */
  async dialWithoutOffer(number: string, answer?: string): Promise<SipResponse> {
    return (await this.invite(number, '', answer)).response;
  }

  /** A request in the dialog; resolves with the final response, acknowledged where it must be. */
  async sendInDialog(method: string, body?: string): Promise<SipResponse> {
    if (!this.dialog) throw new Error('The phone has no call');
    const { dialog } = this;
    const request = inDialogRequest(dialog, method, {
      contact: this.contact,
      ...(body !== undefined && { body, contentType: 'application/sdp' }),
    });
    return new Promise((resolve) => {
      const transaction = this.stack.sendRequest(request, nextHop(dialog), {
        onResponse: (response) => {
          if (response.status < 200) return;
          if (method === 'INVITE' && response.status < 300) {
            transaction.ack(response, ackFor(dialog, response.cseq.number), nextHop(dialog));
          }
          resolve(response);
        },
      });
    });
  }

  offer(direction: 'sendrecv' | 'sendonly' | 'inactive'): string {
    this.version++;
    return rewriteDirection(inactiveOffer({ address: HOST }), direction).replace(
      /^o=.*$/m,
      `o=- 7 ${this.version} IN IP4 ${HOST}`,
    );
  }

  sendRegister(expires: string, contact = this.contact): Promise<SipResponse> {
    const address = { uri: `sip:${this.addressOfRecord}` };
    return this.withDigest((cseq, callId, headers) =>
      createRequest({
        method: 'REGISTER',
        uri: `sip:${this.addressOfRecord.split('@')[1]}`,
        from: { ...address, params: { tag: newTag() } },
        to: { ...address, params: {} },
        callId,
        cseq,
        contact,
        headers: { ...headers, expires: [expires] },
      }),
    ).then(({ response }) => response);
  }

  private async invite(number: string, body: string, answer?: string) {
    const host = this.addressOfRecord.split('@')[1];
    const tag = newTag();
    const result = await this.withDigest((cseq, callId, headers) =>
      createRequest({
        method: 'INVITE',
        uri: `sip:${number}@${host}`,
        from: { uri: `sip:${this.addressOfRecord}`, params: { tag } },
        to: { uri: `sip:${number}@${host}`, params: {} },
        callId,
        cseq,
        contact: this.contact,
        headers,
        body,
      }),
    );
    const { request, response } = result;
    if (response.status < 300 && this.registrar) {
      this.dialog = dialogFromResponse(request, response, this.registrar);
      const sdp = body ? undefined : (answer ?? this.sdpFor(response.body));
      result.ack(ackFor(this.dialog, response.cseq.number, sdp === undefined ? {} : { body: sdp }));
    }
    return result;
  }

  private async withDigest(
    build: (cseq: number, callId: string, headers: Record<string, string[]>) => SipRequest,
  ): Promise<{ request: SipRequest; response: SipResponse; ack(ack: SipRequest): void }> {
    const callId = newCallId(HOST);
    const first = await this.send(build(1, callId, {}));
    if (first.response.status !== 401) return first;
    const [username = ''] = this.addressOfRecord.split('@');
    const { method, uri } = first.request;
    const challenges = first.response.headers['www-authenticate'] ?? [];
    const credentials = authorize({ challenges, method, uri, username, password: this.password });
    return this.send(build(2, callId, { authorization: [credentials.value] }));
  }

  private send(
    request: SipRequest,
  ): Promise<{ request: SipRequest; response: SipResponse; ack(ack: SipRequest): void }> {
    const target = this.registrar;
    if (!target) throw new Error('The phone has no registrar');
    return new Promise((resolve) => {
      const transaction = this.stack.sendRequest(request, target, {
        onResponse: (response) => {
          if (response.status < 200) return;
          resolve({ request, response, ack: (ack) => transaction.ack(response, ack, target) });
        },
      });
    });
  }

  private receive(incoming: ServerTransaction): void {
    const { request } = incoming;
    this.requests.push(request);
    if (tagOf(request.to) === undefined) {
      return request.method === 'INVITE' ? this.onInvite(incoming) : incoming.respond(200);
    }
    if (this.onRequest(incoming)) return;
    if (this.dialog && tagOf(request.to) === this.dialog.localTag) acceptInDialog(this.dialog, request);
    if (request.method !== 'INVITE') return incoming.respond(200);
    incoming.respond(200, { headers: { contact: [this.contact] }, body: this.sdpFor(request.body) });
  }

  private sdpFor(offer: string): string {
    if (!offer) return this.offer('sendrecv');
    return answerTo(offer, { address: HOST });
  }
}
