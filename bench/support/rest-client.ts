import { Agent, request } from 'node:http';
import type { Service } from './service.ts';

const PATIENCE_MS = 10_000;

/** Requests to the service over connections that are kept. */
export class RestClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 128 });
  private readonly service: Service;

  constructor(service: Service) {
    this.service = service;
  }

  send(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
    const { port, token } = this.service;
    const json = body && JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(json !== undefined && { 'content-type': 'application/json', 'content-length': json.length }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port, method, path, headers, agent: this.agent },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      sent.on('error', reject);
      sent.end(json);
    });
  }

  stop(): void {
    this.agent.destroy();
  }
}

export interface Deferred {
  promise: Promise<void>;
  resolve(): void;
}

export function deferred(): Deferred {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** @throws Error that begins with `otherwise` when it takes too long */
export async function inTime(done: Promise<void>, otherwise: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} within ${PATIENCE_MS / 1_000} s`)), PATIENCE_MS);
  });
  try {
    await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
