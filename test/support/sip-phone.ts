import {
  acceptInDialog,
  ackFor,
  createRequest,
  dialogFromRequest,
  dialogFromResponse,
  type DialogState,
  inDialogRequest,
  newTag,
  nextHop,
} from '../../src/sip/dialog.js';
import { type SipRequest, type SipResponse, tagOf } from '../../src/sip/message.js';
import { answerTo, audioOf, directionOf, inactiveOffer, rewriteDirection } from '../../src/sip/sdp.js';
import { SipStack } from '../../src/sip/sip-stack.js';
import type { ServerTransaction, SipHandlers, SipTimers, Target } from '../../src/sip/stack.js';
import { registerRequest } from './register-request.js';
import type { RtpEndpoint } from './rtp-endpoint.js';
import { type BuildRequest, type Exchange, withDigest } from './with-digest.js';
import { eventually } from './wait.js';

const HOST = '127.0.0.1';

export interface PhoneOptions extends Pick<SipHandlers, 'onTraffic'> {
  audio?: RtpEndpoint;
  timers?: Partial<SipTimers>;
  password?: string;
}

/** A SIP phone that does exactly what a test says: by default it rings and answers at once. */
export class SipPhone {
  readonly requests: SipRequest[] = [];
  readonly acks: SipRequest[] = [];
  /** Of all its calls, by its own tag. */
  private readonly dialogs = new Map<string, DialogState>();
  /** What the other side said last of its audio, by the own tag of the call. */
  private readonly heardFrom = new Map<string, string>();
  /** Calls that came, each with the tag of the answer. */
  private readonly came = new Map<ServerTransaction, string>();
  /** Its last call. */
  dialog: DialogState | undefined;
  /** Answers an INVITE of a new call. */
  onInvite: (incoming: ServerTransaction) => void = (incoming) => this.answer(incoming);
  /** Answers a request in the dialog; true when it has. */
  onRequest: (incoming: ServerTransaction) => boolean = () => false;
  /** What speaks and listens for it in the calls of now; without one nobody does. */
  audio: RtpEndpoint | undefined;
  private readonly stack: SipStack;
  private registrar: Target | undefined;
  private version = 0;

  private constructor(
    readonly addressOfRecord: string,
    private readonly password: string,
    { timers, onTraffic, audio }: PhoneOptions,
  ) {
    this.audio = audio;
    this.stack = new SipStack({
      host: HOST,
      port: 0,
      ...(timers && { timers }),
      handlers: {
        ...(onTraffic && { onTraffic }),
        onRequest: (incoming) => this.receive(incoming),
        onAck: (ack) => {
          this.acks.push(ack);
          if (ack.body) this.hear(tagOf(ack.to) ?? '', ack.body);
        },
        onStrayInviteSuccess: () => undefined,
      },
    });
  }

  /** A phone of the demo directory, registered. */
  static async register(
    user: string,
    registrar: { host: string; port: number },
    options: PhoneOptions = {},
  ): Promise<SipPhone> {
    const phone = new SipPhone(`${user}@sip.example.test`, options.password ?? `${user}-secret`, options);
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

  /** Calls that it believes to be in, by its own tags. */
  get inCalls(): string[] {
    return [...this.dialogs.keys()];
  }

  /** Calls that it has neither answered nor refused. */
  get ringing(): number {
    return [...this.came.keys()].filter((incoming) => !incoming.finished).length;
  }

  /** Ends whatever it has: calls with BYE, ringing with 486. */
  async hangUp(): Promise<void> {
    for (const incoming of this.came.keys()) if (!incoming.finished) incoming.respond(486);
    const dialogs = [...this.dialogs.values()];
    await Promise.all(dialogs.map((dialog) => this.sendInDialog('BYE', undefined, { dialog })));
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

  /** Rings, until `answer`; a CANCEL ends it. */
  ring(incoming: ServerTransaction): void {
    const toTag = this.came.get(incoming) ?? newTag();
    incoming.onCancel = () => incoming.respond(487, { toTag });
    incoming.respond(180, { toTag, headers: { contact: [this.contact] } });
  }

  /** Answers the last call that rings. */
  pickUp(): void {
    const incoming = [...this.came.keys()].findLast(({ finished }) => !finished);
    if (!incoming) throw new Error(`${this.addressOfRecord} does not ring`);
    this.answer(incoming);
  }

  /** Rings, and answers with the SDP of a phone that talks. */
  answer(incoming: ServerTransaction, headers: Record<string, string[]> = {}): void {
    if (incoming.finished) return;
    const toTag = this.came.get(incoming) ?? newTag();
    this.keep(dialogFromRequest(incoming.request, toTag, incoming.source), incoming.request.body);
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
  async sendInDialog(
    method: string,
    body?: string,
    {
      dialog = this.dialog,
      headers = {},
    }: { dialog?: DialogState | undefined; headers?: Record<string, string[]> } = {},
  ): Promise<SipResponse> {
    if (!dialog) throw new Error('The phone has no call');
    if (method === 'BYE') this.dialogs.delete(dialog.localTag);
    const request = inDialogRequest(dialog, method, {
      contact: this.contact,
      headers,
      ...(body !== undefined && { body, contentType: 'application/sdp' }),
    });
    return new Promise((resolve) => {
      const transaction = this.stack.sendRequest(request, nextHop(dialog), {
        onResponse: (response) => {
          if (response.status < 200) return;
          if (method === 'INVITE' && response.status < 300) {
            transaction.ack(response, ackFor(dialog, response.cseq.number), nextHop(dialog));
            this.hear(dialog.localTag, response.body);
          }
          resolve(response);
        },
      });
    });
  }

  offer(direction: 'sendrecv' | 'sendonly' | 'inactive'): string {
    this.version++;
    return this.own(rewriteDirection(inactiveOffer({ address: HOST }), direction)).replace(
      /^o=.*$/m,
      `o=- 7 ${this.version} IN IP4 ${HOST}`,
    );
  }

  /** Whose audio it has been told to send to and to hear, and in which direction, in the call. */
  talk(dialog = this.dialog): { port: number | undefined; direction: string } {
    const sdp = this.heardFrom.get(dialog?.localTag ?? '') ?? '';
    return sdp
      ? { port: audioOf(sdp)?.port, direction: directionOf(sdp) }
      : { port: undefined, direction: '' };
  }

  get audioPort(): number {
    return this.audio?.port ?? this.stack.port;
  }

  sendRegister(expires: string, contact = this.contact): Promise<SipResponse> {
    return this.withDigest((cseq, callId, headers) =>
      registerRequest(this.addressOfRecord, contact, cseq, callId, { ...headers, expires: [expires] }),
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
      const dialog = dialogFromResponse(request, response, this.registrar);
      this.keep(dialog, response.body);
      const sdp = body ? undefined : (answer ?? this.sdpFor(response.body));
      result.ack(ackFor(dialog, response.cseq.number, sdp === undefined ? {} : { body: sdp }));
    }
    return result;
  }

  private async withDigest(build: BuildRequest): Promise<Exchange> {
    const [username = ''] = this.addressOfRecord.split('@');
    return withDigest(build, (request) => this.send(request), { username, password: this.password });
  }

  private send(request: SipRequest): Promise<Exchange> {
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
      if (request.method === 'INVITE') this.came.set(incoming, newTag());
      return request.method === 'INVITE' ? this.onInvite(incoming) : incoming.respond(200);
    }
    if (this.onRequest(incoming)) return;
    const dialog = this.dialogs.get(tagOf(request.to) ?? '');
    if (!dialog) return incoming.respond(481);
    acceptInDialog(dialog, request);
    if (request.method === 'BYE') this.dialogs.delete(dialog.localTag);
    if (request.method !== 'INVITE') return incoming.respond(200);
    if (request.body) this.hear(tagOf(request.to) ?? '', request.body);
    incoming.respond(200, { headers: { contact: [this.contact] }, body: this.sdpFor(request.body) });
  }

  private sdpFor(offer: string): string {
    if (!offer) return this.offer('sendrecv');
    return this.own(answerTo(offer, { address: HOST }));
  }

  private own(sdp: string): string {
    return sdp.replace('m=audio 9 ', `m=audio ${this.audioPort} `);
  }

  private keep(dialog: DialogState, sdp: string): void {
    this.dialog = dialog;
    this.dialogs.set(dialog.localTag, dialog);
    if (sdp) this.hear(dialog.localTag, sdp);
  }

  private hear(localTag: string, sdp: string): void {
    this.heardFrom.set(localTag, sdp);
    this.audio?.sendTo(sdp);
  }
}
