import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from './wait.js';

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: Record<string, unknown>;
  status: { code?: number };
}

interface OtlpSpan extends Omit<ReceivedSpan, 'attributes'> {
  attributes: { key: string; value: Record<string, unknown> }[];
}
interface OtlpBody {
  resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[];
}

/** Takes traces by OTLP over HTTP, as JSON. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** All that has come, as it came. */
  text = '';
  connections = 0;

  private constructor(private readonly server: Server) {
    server.on('connection', () => this.connections++);
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        this.text += `${request.url}\n${JSON.stringify(request.headers)}\n${body}\n`;
        this.take(JSON.parse(body) as OtlpBody);
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new OtlpReceiver(server);
  }

  /** Takes all and answers nothing. */
  static async silent(): Promise<OtlpReceiver> {
    const receiver = await OtlpReceiver.start();
    receiver.server.removeAllListeners('request');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** @throws Error after ten seconds, with the names of what has come */
  span(name: string, traceId: string): Promise<ReceivedSpan> {
    return eventually(
      () => this.spans.find((span) => span.name === name && span.traceId === traceId),
      () =>
        `no ${name} of ${traceId} among ${this.spans.map((span) => `${span.traceId} ${span.name}`).join('\n')}`,
    );
  }

  /** From the span up to the one that has no parent here. */
  pathOf(span: ReceivedSpan): string[] {
    const parent = this.spans.find(({ spanId }) => spanId === span.parentSpanId);
    return [...(parent ? this.pathOf(parent) : []), span.name];
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private take({ resourceSpans }: OtlpBody): void {
    for (const { scopeSpans } of resourceSpans)
      for (const { spans } of scopeSpans)
        for (const { attributes, ...span } of spans) {
          const values = attributes.map(({ key, value }) => [key, Object.values(value)[0]]);
          this.spans.push({ ...span, attributes: Object.fromEntries(values) });
        }
  }
}
