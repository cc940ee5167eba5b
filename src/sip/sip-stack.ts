import { badRequest } from './bad-request.js';
import { type ClientContext, ClientTransactionMachine } from './client-transaction.js';
import { createRequest, newBranch, newTag } from './dialog.js';
import { SipParseError } from './errors.js';
import { type SipMessage, type SipRequest, type SipResponse, tagOf, type Via } from './message.js';
import { parseMessage } from './parser.js';
import { noteSource, replyTarget } from './reply-path.js';
import { serializeMessage } from './serializer.js';
import { createResponse, type ServerContext, ServerTransactionMachine } from './server-transaction.js';
import type {
  ClientTransaction,
  RespondOptions,
  SendOptions,
  SipCounts,
  SipHandlers,
  SipStackOptions,
  SipTimers,
  Target,
} from './stack.js';
import { TCP_LIMITS, TcpTransport } from './tcp-transport.js';
import { SipTraffic } from './traffic.js';
import { ackKey, clientKey, serverKey } from './transaction-keys.js';
import { UdpTransport } from './udp-transport.js';

const TIMERS: SipTimers = { t1: 500, t2: 4_000, t4: 5_000 };
const MAX_TRANSACTIONS = 100_000;
/** Seconds that a client refused for overload is asked to wait. */
const RETRY_AFTER = '5';
const BIND_TRIES = 20;

/** Transports and transactions of one listening address (RFC 3261 §17, §18). */
export class SipStack {
  readonly host: string;
  readonly traffic = new SipTraffic();
  private boundPort = 0;
  private udp: UdpTransport;
  private tcp: TcpTransport;
  private readonly handlers: SipHandlers;
  private readonly maxTransactions: number;
  private readonly clients = new Map<string, ClientTransactionMachine>();
  private readonly servers = new Map<string, ServerTransactionMachine>();
  /** INVITE transactions with a 2xx, whose ACK has a branch of its own. */
  private readonly acks = new Map<string, ServerTransactionMachine>();
  private readonly merges = new Map<string, ServerTransactionMachine>();
  private readonly clientContext: ClientContext;
  private readonly serverContext: ServerContext;
  private malformed = 0;
  private refused = 0;
  private stray = 0;

  constructor(private readonly options: SipStackOptions) {
    this.host = options.host;
    this.handlers = options.handlers;
    this.maxTransactions = options.limits?.transactions ?? MAX_TRANSACTIONS;
    const timers = { ...TIMERS, ...options.timers };
    [this.udp, this.tcp] = this.newTransports();
    const tell = (listener: () => void) => this.tell(listener);
    const repeated = () => {
      this.traffic.retransmissions.out++;
    };
    this.clientContext = {
      timers,
      tell,
      repeated,
      send: (data, target, onError) => this.transmit(data, target, onError),
      withVia: (request, target) => this.withVia(request, target, newBranch()),
      forget: ({ request }) => this.clients.delete(clientKey(request)),
      sendRequest: (request, target, sendOptions) => this.sendRequest(request, target, sendOptions),
    };
    this.serverContext = {
      timers,
      tell,
      repeated,
      send: (data, target) => this.transmit(data, target),
      accepted: (transaction) => {
        this.acks.set(ackKey(transaction.request, transaction.localTag), transaction);
      },
      forget: (transaction) => this.forget(transaction),
    };
  }

  get port(): number {
    return this.boundPort;
  }

  /** Whether messages can come, over UDP and TCP. */
  get listening(): boolean {
    return this.udp.listening && this.tcp.listening;
  }

  /** What is under way and what was turned away: for tests and metrics. */
  get counts(): SipCounts {
    return {
      clients: this.clients.size,
      servers: this.servers.size,
      acks: this.acks.size,
      merges: this.merges.size,
      connections: this.tcp.connections,
      malformed: this.malformed,
      refused: this.refused,
      stray: this.stray,
    };
  }

  /** @throws Error when the address cannot be bound */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.boundPort = await this.udp.bind(this.host, this.options.port);
        await this.tcp.bind(this.host, this.boundPort);
        return;
      } catch (error) {
        await this.udp.close();
        // A free UDP port may be taken for TCP.
        if (this.options.port !== 0 || attempt === BIND_TRIES) throw error;
        [this.udp, this.tcp] = this.newTransports();
      }
    }
  }

  /** Ends all transactions without a word to anyone. */
  async stop(): Promise<void> {
    for (const transaction of this.clients.values()) transaction.stop();
    for (const transaction of this.servers.values()) transaction.stop();
    for (const map of [this.clients, this.servers, this.acks, this.merges]) map.clear();
    await Promise.all([this.udp.close(), this.tcp.close()]);
  }

  /** @throws Error when a header holds a line break, or the branch is in use */
  sendRequest(request: SipRequest, target: Target, options: SendOptions): ClientTransaction {
    const transaction = this.newClient(request, target, options);
    transaction.start();
    this.clients.set(clientKey(transaction.request), transaction);
    return transaction;
  }

  /**
   * CANCEL of an INVITE that another process sent (docs/adr/0002). A refusal that comes of it is acknowledged; a 2xx
   * goes to `onStrayInviteSuccess`.
   */
  cancelStored(
    invite: Pick<SipRequest, 'uri' | 'from' | 'to' | 'callId'> & { cseq: number },
    branch: string,
    target: Target,
  ): void {
    const request = createRequest({ ...invite, method: 'INVITE' });
    const onResponse = (response: SipResponse) => {
      if (response.status >= 200 && response.status < 300)
        this.handlers.onStrayInviteSuccess(response, target);
    };
    const transaction = this.newClient(request, target, { branch, onResponse });
    transaction.resume();
    this.clients.set(clientKey(transaction.request), transaction);
  }

  /** An ACK outside of any transaction, for a 2xx that came unasked. */
  sendAck(ack: SipRequest, target: Target): void {
    this.transmit(serializeMessage(this.withVia(ack, target, newBranch())), target);
  }

  /** Whether a request could leave for there without a new TCP connection. */
  isReachable(target: Target): boolean {
    return target.transport === 'udp' || this.tcp.isOpen(target);
  }

  private newTransports(): [UdpTransport, TcpTransport] {
    const onData = (data: Buffer, source: Target) => this.receive(data, source);
    return [
      new UdpTransport(onData),
      new TcpTransport(onData, { ...TCP_LIMITS, ...this.options.limits?.tcp }),
    ];
  }

  private newClient(request: SipRequest, target: Target, options: SendOptions): ClientTransactionMachine {
    const branch = options.branch ?? newBranch();
    const sent = this.withVia(request, target, branch);
    const key = clientKey(sent);
    if (this.clients.has(key)) throw new Error(`There is a transaction "${key}" already`);
    return new ClientTransactionMachine(sent, branch, target, options, this.clientContext);
  }

  private withVia(request: SipRequest, target: Target, branch: string): SipRequest {
    const transport = target.transport.toUpperCase();
    const via: Via = { transport, host: this.host, port: this.port, params: { branch, rport: true } };
    return { ...request, vias: [via] };
  }

  private transmit(data: Buffer, target: Target, onError: (error: Error) => void = ignore): void {
    this.handlers.onTraffic?.(data, 'out', target);
    this.traffic.sent(data);
    if (target.transport === 'tcp') this.tcp.send(data, target, onError);
    else this.udp.send(data, target, onError);
  }

  private tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      if (this.handlers.onError) this.handlers.onError(error);
      else process.emitWarning(error instanceof Error ? error : String(error));
    }
  }

  private receive(data: Buffer, source: Target): void {
    this.handlers.onTraffic?.(data, 'in', source);
    // Keep-alives of phones behind NAT (RFC 5626 §3.5.1).
    if (data.length <= 4) return;
    let message: SipMessage;
    try {
      message = parseMessage(data);
    } catch (error) {
      this.malformed++;
      const answer = error instanceof SipParseError ? badRequest(error, source) : undefined;
      if (answer) this.transmit(answer.data, answer.replyTo);
      return;
    }
    if (message.kind === 'response') this.receiveResponse(message, source);
    else this.receiveRequest(message, source);
  }

  private receiveResponse(response: SipResponse, source: Target): void {
    this.traffic.response('in', response.status);
    const transaction = this.clients.get(clientKey(response));
    if (transaction) return transaction.receive(response);
    const success = response.status >= 200 && response.status < 300;
    if (success && response.cseq.method === 'INVITE') {
      this.tell(() => this.handlers.onStrayInviteSuccess(response, source));
    } else this.stray++;
  }

  private receiveRequest(request: SipRequest, source: Target): void {
    this.traffic.request('in', request.method);
    noteSource(request.vias[0] as Via, source);
    if (request.method === 'ACK') return this.receiveAck(request, source);
    if (request.method === 'CANCEL') return this.receiveCancel(request, source);
    const key = serverKey(request, request.method);
    const known = this.servers.get(key);
    if (known) {
      this.traffic.retransmissions.in++;
      known.receiveAgain();
    } else this.open(request, source, key);
  }

  private open(request: SipRequest, source: Target, key: string): void {
    const replyTo = replyTarget(request.vias[0] as Via, source);
    const transaction = new ServerTransactionMachine(request, source, key, replyTo, this.serverContext);
    const { merge } = transaction;
    if (this.servers.size + this.clients.size >= this.maxTransactions) {
      this.refused++;
      return this.answer(request, source, 503, { headers: { 'retry-after': [RETRY_AFTER] } });
    }
    if (merge !== undefined && this.merges.has(merge)) return this.answer(request, source, 482);
    this.servers.set(key, transaction);
    if (merge !== undefined) this.merges.set(merge, transaction);
    transaction.start();
    this.tell(() => {
      try {
        this.handlers.onRequest(transaction);
      } catch (error) {
        transaction.respond(500);
        throw error;
      }
    });
  }

  private forget(transaction: ServerTransactionMachine): void {
    const { key, merge, request, localTag } = transaction;
    if (this.servers.get(key) === transaction) this.servers.delete(key);
    if (merge !== undefined && this.merges.get(merge) === transaction) this.merges.delete(merge);
    if (request.method === 'INVITE') this.acks.delete(ackKey(request, localTag));
  }

  /** Without a transaction: a repeat of the request is answered alike. */
  private answer(request: SipRequest, source: Target, status: number, options: RespondOptions = {}): void {
    const response = createResponse(request, status, { toTag: newTag(), ...options });
    this.transmit(serializeMessage(response), replyTarget(request.vias[0] as Via, source));
  }

  private receiveCancel(cancel: SipRequest, source: Target): void {
    const invite = this.servers.get(serverKey(cancel, 'INVITE'));
    const toTag = invite?.localTag;
    this.answer(cancel, source, invite ? 200 : 481, toTag === undefined ? {} : { toTag });
    invite?.cancelled();
  }

  private receiveAck(ack: SipRequest, source: Target): void {
    const transaction =
      this.servers.get(serverKey(ack, 'INVITE')) ?? this.acks.get(ackKey(ack, tagOf(ack.to)));
    if (!transaction || transaction.acknowledged()) this.tell(() => this.handlers.onAck(ack, source));
  }
}

function ignore(): void {}
