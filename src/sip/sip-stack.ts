import { cancelOf, type ClientContext, ClientTransactionMachine } from './client-transaction.js';
import { newBranch } from './dialog.js';
import { SipParseError } from './errors.js';
import { type SipMessage, type SipRequest, type SipResponse, tagOf, type Via } from './message.js';
import { formatVia, parseVia } from './name-addr.js';
import { parseMessage } from './parser.js';
import { serializeMessage } from './serializer.js';
import { type ServerContext, ServerTransactionMachine } from './server-transaction.js';
import type {
  ClientTransaction,
  SendOptions,
  SipHandlers,
  SipStackOptions,
  SipTimers,
  Target,
} from './stack.js';
import { TcpTransport } from './tcp-transport.js';
import { UdpTransport } from './udp-transport.js';

const TIMERS: SipTimers = { t1: 500, t2: 4_000, t4: 5_000 };
/** Above it a stranger's requests are answered 503. */
const MAX_SERVER_TRANSACTIONS = 100_000;
const BIND_TRIES = 20;

/** Transports and transactions of one listening address (RFC 3261 §17, §18). */
export class SipStack {
  readonly host: string;
  private boundPort = 0;
  private udp: UdpTransport;
  private tcp: TcpTransport;
  private readonly handlers: SipHandlers;
  private readonly clients = new Map<string, ClientTransactionMachine>();
  private readonly servers = new Map<string, ServerTransactionMachine>();
  /** INVITE transactions with a 2xx, whose ACK has a branch of its own: by Call-ID, CSeq and our tag. */
  private readonly unacknowledged = new Map<string, ServerTransactionMachine>();
  private readonly clientContext: ClientContext;
  private readonly serverContext: ServerContext;
  /** Datagrams and messages that could not be understood. */
  malformed = 0;

  constructor(private readonly options: SipStackOptions) {
    this.host = options.host;
    this.handlers = options.handlers;
    const timers = { ...TIMERS, ...options.timers };
    [this.udp, this.tcp] = this.newTransports();
    this.clientContext = {
      timers,
      send: (message, target, onError) => this.transmit(message, target, onError),
      forget: (transaction) => this.clients.delete(clientKey(transaction.branch, transaction.request.method)),
      sendRequest: (request, target, sendOptions) => this.sendRequest(request, target, sendOptions),
    };
    this.serverContext = {
      timers,
      send: (response, target) => this.transmit(response, target, () => undefined),
      accepted: (transaction) => {
        this.unacknowledged.set(ackKey(transaction.request, transaction.localTag), transaction);
      },
      forget: (transaction) => {
        this.servers.delete(transaction.key);
        this.unacknowledged.delete(ackKey(transaction.request, transaction.localTag));
      },
    };
  }

  get port(): number {
    return this.boundPort;
  }

  /** What is under way: for tests and metrics. */
  get counts(): { clients: number; servers: number; connections: number } {
    return { clients: this.clients.size, servers: this.servers.size, connections: this.tcp.connections };
  }

  /** @throws Error when the address cannot be bound */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.boundPort = await this.udp.bind(this.host, this.options.port);
        await this.tcp.bind(this.host, this.boundPort);
        return;
      } catch (error) {
        // A free UDP port may be taken for TCP.
        if (this.options.port !== 0 || attempt === BIND_TRIES) throw error;
        await this.udp.close();
        [this.udp, this.tcp] = this.newTransports();
      }
    }
  }

  async stop(): Promise<void> {
    for (const transaction of this.clients.values()) transaction.stop();
    for (const transaction of this.servers.values()) transaction.stop();
    this.clients.clear();
    this.servers.clear();
    this.unacknowledged.clear();
    await Promise.all([this.udp.close(), this.tcp.close()]);
  }

  sendRequest(request: SipRequest, target: Target, options: SendOptions): ClientTransaction {
    const branch = options.branch ?? newBranch();
    request.vias = [this.viaOf(target, branch)];
    const transaction = new ClientTransactionMachine(request, branch, target, options, this.clientContext);
    this.clients.set(clientKey(branch, request.method), transaction);
    transaction.start();
    return transaction;
  }

  /** CANCEL of an INVITE that another process sent (docs/adr/0002). */
  cancelStored(
    invite: Pick<SipRequest, 'uri' | 'from' | 'to' | 'callId'> & { cseq: number },
    branch: string,
    target: Target,
  ): void {
    const cancel = cancelOf({ ...invite, cseq: { number: invite.cseq, method: 'INVITE' } });
    this.sendRequest(cancel, target, { branch, onResponse: () => undefined });
  }

  /** An ACK outside of any transaction, for a 2xx that came unasked. */
  sendAck(ack: SipRequest, target: Target): void {
    ack.vias = [this.viaOf(target, newBranch())];
    this.transmit(ack, target, () => undefined);
  }

  private newTransports(): [UdpTransport, TcpTransport] {
    const onData = (data: Buffer, source: Target) => this.receive(data, source);
    return [new UdpTransport(onData), new TcpTransport(onData)];
  }

  private viaOf(target: Target, branch: string): Via {
    return {
      transport: target.transport.toUpperCase(),
      host: this.host,
      port: this.port,
      params: { branch, rport: true },
    };
  }

  private transmit(message: SipMessage, target: Target, onError: (error: Error) => void): void {
    if (message.kind === 'request' && message.vias.length === 0) {
      message.vias = [this.viaOf(target, newBranch())];
    }
    const data = serializeMessage(message);
    if (target.transport === 'tcp') this.tcp.send(data, target, onError);
    else this.udp.send(data, target, onError);
  }

  private receive(data: Buffer, source: Target): void {
    // Keep-alives of phones behind NAT (RFC 5626 §3.5.1).
    if (data.length <= 4) return;
    let message: SipMessage;
    try {
      message = parseMessage(data);
    } catch (error) {
      this.malformed++;
      if (error instanceof SipParseError) this.answerMalformed(error, source);
      return;
    }
    if (message.kind === 'response') this.receiveResponse(message, source);
    else this.receiveRequest(message, source);
  }

  private receiveResponse(response: SipResponse, source: Target): void {
    const branch = response.vias[0]?.params.branch;
    const transaction =
      typeof branch === 'string' ? this.clients.get(clientKey(branch, response.cseq.method)) : undefined;
    if (transaction) return transaction.receive(response);
    const success = response.status >= 200 && response.status < 300;
    if (success && response.cseq.method === 'INVITE') this.handlers.onStrayInviteSuccess(response, source);
  }

  private receiveRequest(request: SipRequest, source: Target): void {
    const via = request.vias[0] as Via;
    noteSource(via, source);
    if (request.method === 'ACK') return this.receiveAck(request, source);
    const key = serverKey(request, request.method);
    const known = this.servers.get(key);
    if (known) return known.receiveAgain();
    const replyTo = replyTarget(via, source);
    const transaction = new ServerTransactionMachine(request, source, key, replyTo, this.serverContext);
    if (this.servers.size >= MAX_SERVER_TRANSACTIONS) {
      transaction.respond(503, { headers: { 'retry-after': ['5'] } });
      return transaction.stop();
    }
    this.servers.set(key, transaction);
    if (request.method === 'CANCEL') return this.receiveCancel(transaction);
    this.handlers.onRequest(transaction);
  }

  private receiveCancel(cancel: ServerTransactionMachine): void {
    const invite = this.servers.get(serverKey(cancel.request, 'INVITE'));
    cancel.respond(invite ? 200 : 481);
    invite?.cancelled();
  }

  private receiveAck(ack: SipRequest, source: Target): void {
    const transaction =
      this.servers.get(serverKey(ack, 'INVITE')) ?? this.unacknowledged.get(ackKey(ack, tagOf(ack.to)));
    if (!transaction || transaction.acknowledged()) this.handlers.onAck(ack, source);
  }

  private answerMalformed(error: SipParseError, source: Target): void {
    const top = error.answerable;
    if (!top || top.method === 'ACK' || top.method.startsWith('SIP/')) return;
    const response = badRequest(top.headers, error.message, source);
    if (!response) return;
    const data = Buffer.from(response.text);
    if (source.transport === 'tcp') this.tcp.send(data, source, () => undefined);
    else this.udp.send(data, response.replyTo, () => undefined);
  }
}

function clientKey(branch: string, method: string): string {
  return `${method} ${branch}`;
}

/** RFC 3261 §17.2.3; a branch of an RFC 2543 client does not begin with the cookie and is joined by Call-ID and CSeq. */
function serverKey(request: SipRequest, method: string): string {
  const via = request.vias[0] as Via;
  const branch = typeof via.params.branch === 'string' ? via.params.branch : '';
  const sentBy = `${via.host}:${via.port ?? ''}`;
  if (branch.startsWith('z9hG4bK')) return `${method} ${branch} ${sentBy}`;
  return `${method} ${branch} ${sentBy} ${request.callId} ${request.cseq.number} ${tagOf(request.from) ?? ''}`;
}

function ackKey(request: SipRequest, localTag: string | undefined): string {
  return `${request.callId} ${request.cseq.number} ${localTag ?? ''}`;
}

/** RFC 3261 §18.2.1 and RFC 3581 §4. */
function noteSource(via: Via, source: Target): void {
  if (via.host !== source.host) via.params.received = source.host;
  if (via.params.rport === true) {
    via.params.rport = String(source.port);
    via.params.received = source.host;
  }
}

/** Where the response goes (§18.2.2). */
function replyTarget(via: Via, source: Target): Target {
  if (source.transport === 'tcp') return source;
  const port = typeof via.params.rport === 'string' ? Number(via.params.rport) : (via.port ?? 5060);
  return { transport: 'udp', host: source.host, port };
}

function badRequest(
  headers: Map<string, string[]>,
  reason: string,
  source: Target,
): { text: string; replyTo: Target } | undefined {
  const [from, to, callId, cseq] = ['from', 'to', 'call-id', 'cseq'].map((name) => headers.get(name)?.[0]);
  const topVia = headers.get('via')?.[0];
  if (!from || !to || !callId || !cseq || !topVia) return undefined;
  let via: Via;
  try {
    via = parseVia(topVia);
  } catch {
    return undefined;
  }
  noteSource(via, source);
  const vias = [formatVia(via), ...(headers.get('via') ?? []).slice(1)];
  const lines = [
    `SIP/2.0 400 Bad Request: ${reason.replace(/[^ -~]/g, '?').slice(0, 120)}`,
    ...vias.map((value) => `Via: ${value}`),
    `From: ${from}`,
    `To: ${to}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    'Content-Length: 0',
  ];
  return { text: `${lines.join('\r\n')}\r\n\r\n`, replyTo: replyTarget(via, source) };
}
