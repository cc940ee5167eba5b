import { Agent, request } from 'node:http';

export interface StrictAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown>;
}

/** A client that repeats nothing: whatever happens to a connection is told. */
export class StrictClient {
  private readonly kept = new Agent({ keepAlive: true, maxSockets: 16 });

  /** @param keepAlive whether the connection is one of those that are kept, or a fresh one */
  send(
    method: string,
    url: string,
    token: string,
    { body, keepAlive }: { body?: object; keepAlive: boolean },
  ): Promise<StrictAnswer> {
    const text = body === undefined ? '' : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(url, {
        method,
        agent: keepAlive ? this.kept : false,
        headers: {
          authorization: `Bearer ${token}`,
          ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      });
      sent.on('error', reject);
      sent.on('response', (response) => {
        let received = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: JSON.parse(received) as Record<string, unknown> });
        });
      });
      sent.end(text);
    });
  }

  close(): void {
    this.kept.destroy();
  }
}

/** Nobody listens there: the moment to go elsewhere. */
export function isRefusedConnection(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
}
