import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callsPath, RestClient } from './rest-client.js';
import { eventually } from './wait.js';

const ROOT = join(import.meta.dirname, '../..');
export const MAIN = join(ROOT, 'dist/main.js');
const TOKEN_CLI = join(ROOT, 'dist/auth/token-cli.js');

/** For specs that nothing is built for: does nothing where the build is up to date. */
export function buildService(): void {
  execFileSync(process.execPath, [join(ROOT, 'scripts/prepare.mjs'), 'build'], { stdio: 'pipe' });
}

/** The built service as a process of its own, with a data folder of its own. */
export class ServiceProcess {
  private process: ChildProcess | undefined;
  private readonly clients = new Map<string, RestClient>();
  readonly dataDir = mkdtempSync(join(tmpdir(), 'service-'));
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
      () => /Call service on (\S+), (?:SIP on (\S+):(\d+)|switch )/.exec(this.log) ?? undefined,
      () => `The service does not start:\n${this.log}`,
    );
    this.url = url ?? '';
    this.sip = { host: host ?? '', port: Number(port) };
  }

  /** As a crash: nothing is tidied up. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Without waiting for calls. */
  async stop(): Promise<void> {
    await this.end('SIGINT');
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Asks it to end, and does not wait. */
  signal(signal: NodeJS.Signals): void {
    this.process?.kill(signal);
  }

  /** Resolves with the exit code; null after a signal that it did not handle. */
  async ended(): Promise<number | null> {
    const child = this.process;
    if (!child) throw new Error('The service is not started');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  }

  get child(): ChildProcess {
    if (!this.process) throw new Error('The service is not started');
    return this.process;
  }

  as(user: string, tenant = 'foo', group = 'foogroup'): RestClient {
    const path = callsPath({ tenant, group, user });
    const known = this.clients.get(path);
    if (known) return known;
    const client = new RestClient(() => this.url + path, this.tokenOf(user, tenant, group));
    this.clients.set(path, client);
    return client;
  }

  tokenOf(user: string, tenant = 'foo', group = 'foogroup'): string {
    const names = ['--tenant', tenant, '--group', group, '--user', user];
    const options = { env: this.environment(), encoding: 'utf8' } as const;
    return execFileSync(process.execPath, [TOKEN_CLI, ...names], options).trim();
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
