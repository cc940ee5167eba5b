import { ownToken } from './own-token.js';
import { exchange, request } from './raw-http.js';
import { callsPath } from './rest-client.js';
import type { SandboxService } from './sandbox-service.js';

export interface WireAnswer {
  status: number;
  type: string | undefined;
  body: Record<string, unknown>;
}

export interface UserName {
  tenant: string;
  group: string;
  user: string;
}

/** A client that writes its requests to a socket itself, headers as the reference page prints them. */
export class WireClient {
  private constructor(
    private readonly port: () => number,
    readonly name: UserName,
    readonly token: string,
  ) {}

  static async of(
    service: SandboxService,
    user: string,
    { tenant, group } = { tenant: 'foo', group: 'foogroup' },
  ): Promise<WireClient> {
    const name = { tenant, group, user };
    return new WireClient(() => service.port, name, await ownToken(service.dataDir, name));
  }

  /** @param path below the calls of the user, without a leading slash */
  send(method: string, path: string, body?: unknown): Promise<WireAnswer> {
    const text = body === undefined ? '' : JSON.stringify(body);
    return this.sendTo(callsPath(this.name) + path, method, text);
  }

  async sendTo(path: string, method: string, body: string): Promise<WireAnswer> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': '"application/json"' };
    return this.write(request(method, path, headers, body));
  }

  /** The bytes as they are; they must ask for the connection to be closed. */
  async write(bytes: string): Promise<WireAnswer> {
    const [answer] = await exchange(this.port(), bytes);
    if (!answer) throw new Error('no answer');
    return {
      status: answer.status,
      type: answer.headers['content-type'],
      body: JSON.parse(answer.body) as Record<string, unknown>,
    };
  }

  async dial(phoneNumber: string): Promise<string> {
    const { status, body } = await this.send('POST', '', { phoneNumber });
    if (status !== 201) throw new Error(`dial: ${status} ${JSON.stringify(body)}`);
    return body.callId as string;
  }

  act(callId: string, action: string, more: object = {}): Promise<WireAnswer> {
    return this.send('PUT', `${callId}/`, { action, ...more });
  }
}
