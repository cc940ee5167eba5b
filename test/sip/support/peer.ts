import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SipMessage, SipRequest, SipResponse } from '../../../src/sip/message.js';
import { parseMessage } from '../../../src/sip/parser.js';

/** A bare UDP socket that speaks SIP text: what it sends and gets is exactly what the test says. */
export class Peer {
  readonly heard: SipMessage[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly socket: Socket,
    readonly host: string,
    readonly port: number,
  ) {
    socket.on('message', (data) => {
      this.heard.push(parseMessage(data));
      for (const check of this.waiting) check();
    });
  }

  static async open(host = '127.0.0.1'): Promise<Peer> {
    const socket = createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    // A test that fails must not keep the run from ending.
    socket.unref();
    return new Peer(socket, host, socket.address().port);
  }

  get target() {
    return { transport: 'udp' as const, host: this.host, port: this.port };
  }

  send(text: string, port: number, host = '127.0.0.1'): void {
    this.socket.send(text, port, host);
  }

  requests(method: string): SipRequest[] {
    return this.heard.filter(
      (message): message is SipRequest => message.kind === 'request' && message.method === method,
    );
  }

  responses(status?: number): SipResponse[] {
    return this.heard.filter(
      (message): message is SipResponse =>
        message.kind === 'response' && (status === undefined || message.status === status),
    );
  }

  /** Resolves with what `find` gives as soon as that is not undefined. */
  async until<T>(find: () => T | undefined, what = 'the message'): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(check);
        reject(new Error(`${what} did not come; heard: ${this.heard.map(nameOf).join(', ') || 'nothing'}`));
      }, 5000);
      const check = () => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve(found);
      };
      this.waiting.add(check);
      check();
    });
  }

  request(method: string, count = 1): Promise<SipRequest> {
    return this.until(() => this.requests(method)[count - 1], `${method} number ${count}`);
  }

  response(status: number, count = 1): Promise<SipResponse> {
    return this.until(() => this.responses(status)[count - 1], `${status} number ${count}`);
  }

  close(): void {
    this.socket.close();
  }
}

function nameOf(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${message.status} to ${message.cseq.method}`;
}

/** The text of a response to a request that was heard. */
export function responseText(
  request: SipRequest,
  status: number,
  options: { tag?: string; headers?: string[]; body?: string } = {},
): string {
  const via = request.vias[0]!;
  const toTag = options.tag ?? 'peer';
  const body = options.body ?? '';
  const to =
    request.to.params.tag === undefined
      ? `<${request.to.uri}>;tag=${toTag}`
      : `<${request.to.uri}>;tag=${String(request.to.params.tag)}`;
  return [
    `SIP/2.0 ${status} Whatever`,
    `Via: SIP/2.0/${via.transport} ${via.host}:${via.port};branch=${String(via.params.branch)};rport`,
    `From: <${request.from.uri}>;tag=${String(request.from.params.tag)}`,
    `To: ${to}`,
    `Call-ID: ${request.callId}`,
    `CSeq: ${request.cseq.number} ${request.cseq.method}`,
    ...(options.headers ?? []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

export interface RequestParts {
  method: string;
  branch?: string;
  /** Sent-by with parameters: `127.0.0.1:5060;rport`. */
  sentBy: string;
  transport?: string;
  callId?: string;
  cseq?: number;
  fromTag?: string;
  toTag?: string;
  headers?: string[];
  body?: string;
}

export function requestText(parts: RequestParts): string {
  const { method, branch = 'z9hG4bKone', sentBy, transport = 'UDP', callId = 'call-1', cseq = 1 } = parts;
  const body = parts.body ?? '';
  const [address = '', ...params] = sentBy.split(';');
  return [
    `${method} sip:bob@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/${transport} ${address};branch=${branch}${params.map((param) => `;${param}`).join('')}`,
    'Max-Forwards: 70',
    `From: <sip:alice@example.test>;tag=${parts.fromTag ?? 'alice'}`,
    `To: <sip:bob@example.test>${parts.toTag === undefined ? '' : `;tag=${parts.toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    ...(parts.headers ?? []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
