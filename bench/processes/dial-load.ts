import { Agent, request } from 'node:http';
import { answer } from '../support/asked.ts';

export interface DialLoad {
  port: number;
  headers: Record<string, string>;
  /** One request each, in this order. */
  dials: { path: string; body: string }[];
  atOnce: number;
}

export interface DialLoadResult {
  /** From the request until its whole answer, in the order in which they ended. */
  milliseconds: number[];
  /** All of them. */
  seconds: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 128 });

/** Dials over kept connections. @throws Error when one is not answered 201 */
async function load({ port, headers, dials, atOnce }: DialLoad): Promise<DialLoadResult> {
  const milliseconds: number[] = [];
  const left = dials.values();
  const began = performance.now();
  const worker = async () => {
    for (const { path, body } of left) {
      const asked = performance.now();
      await dial(port, path, headers, body);
      milliseconds.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { milliseconds, seconds: (performance.now() - began) / 1_000 };
}

function dial(port: number, path: string, headers: Record<string, string>, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const all = { ...headers, 'content-length': String(body.length) };
    const sent = request(
      { host: '127.0.0.1', port, method: 'POST', path, headers: all, agent },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => {
          if (response.statusCode === 201) resolve();
          else reject(new Error(`${path} was answered ${response.statusCode}: ${text}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

answer({ load });
