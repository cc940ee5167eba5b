import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './wait.js';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/main.js');
const TOKEN_CLI = join(ROOT, 'dist/auth/token-cli.js');

export interface CallView {
  callId: string;
  externalTrackingId: string;
  personality: string;
  state: string;
  remoteParty: { address: string; callType: string };
  endpoint: { addressOfRecord: string };
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** The built service as a process of its own, with a data folder of its own. */
export class ServiceProcess {
  private process: ChildProcess | undefined;
  private readonly dataDir = mkdtempSync(join(tmpdir(), 'service-'));
  url = '';
  sip = { host: '127.0.0.1', port: 0 };
  log = '';

  constructor(private readonly env: Record<string, string>) {}

  /** @param again variables for this start, such as the port that a former one had */
  async start(again: Record<string, string> = {}): Promise<void> {
    this.log = '';
    const env = { ...this.environment(), ...again };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.log += chunk.toString();
      });
    }
    const [, url, host, port] = await eventually(
      () => /Call service on (\S+), SIP on (\S+):(\d+)/.exec(this.log) ?? undefined,
      () => `The service does not start:\n${this.log}`,
    );
    this.url = url ?? '';
    this.sip = { host: host ?? '', port: Number(port) };
  }

  /** As a crash: nothing is tidied up. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  as(user: string, tenant = 'foo', group = 'foogroup'): RestClient {
    const names = ['--tenant', tenant, '--group', group, '--user', user];
    const token = execFileSync(process.execPath, [TOKEN_CLI, ...names], {
      env: this.environment(),
      encoding: 'utf8',
    });
    const path = `/api/v1/tenants/${tenant}/groups/${group}/users/${user}/services/calls/`;
    return new RestClient(() => this.url + path, token.trim());
  }

  private environment(): NodeJS.ProcessEnv {
    const { PATH } = process.env;
    return { PATH, HOST: '127.0.0.1', PORT: '0', SIP_PORT: '0', DATA_DIR: this.dataDir, ...this.env };
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    child.kill(signal);
    await gone;
  }
}

/** The calls of one user over REST. */
export class RestClient {
  constructor(
    private readonly base: () => string,
    private readonly token: string,
  ) {}

  async dial(phoneNumber: string): Promise<string> {
    const { status, body } = await this.send('POST', '', { phoneNumber });
    if (status !== 201) throw new Error(`dial: ${status} ${JSON.stringify(body)}`);
    return body.callId as string;
  }

  async list(): Promise<CallView[]> {
    return (await this.send('GET', '?includeDetails=true')).body.calls as CallView[];
  }

  hold(callId: string): Promise<Answer> {
    return this.send('PUT', `${callId}/`, { action: 'hold' });
  }

  reconnect(callId: string): Promise<Answer> {
    return this.send('PUT', `${callId}/`, { action: 'reconnect' });
  }

  release(callId: string): Promise<Answer> {
    return this.send('DELETE', `${callId}/`);
  }

  /** The user's only call, once it is in the state. */
  only(state: string): Promise<CallView> {
    let last: unknown;
    return eventually(
      async () => {
        const calls = await this.list();
        last = calls;
        return calls.length === 1 && calls[0]?.state === state ? calls[0] : undefined;
      },
      () => `no single call in state ${state}, but ${JSON.stringify(last)}`,
    );
  }

  none(): Promise<true> {
    let last: unknown;
    return eventually(
      async () => {
        last = await this.list();
        return (last as unknown[]).length === 0 || undefined;
      },
      () => `calls are left: ${JSON.stringify(last)}`,
    );
  }

  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.base() + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
}
