import { execFileSync } from 'node:child_process';
import { Child } from './child.ts';

export interface Service {
  child: Child;
  port: number;
  sip: { host: string; port: number };
  token: string;
  stop(): Promise<void>;
}

/** The service as `npm start` runs it, from the build, with a token that may act for all its users. */
export async function startService(
  dataDir: string,
  env: Record<string, string> = {},
  nodeOptions: string[] = [],
): Promise<Service> {
  const settings = {
    PORT: '0',
    HOST: '127.0.0.1',
    SIP_PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    NODE_ENV: 'production',
    // It counts, and never refuses.
    RATE_LIMIT: '999999999/10s',
    ...env,
  };
  const child = new Child('../dist/main.js', { env: settings, nodeOptions });
  const printed = await child.printed(/http:\/\/[^:]+:(\d+), (?:SIP on ([^:]+):(\d+)|switch)/);
  return {
    child,
    port: Number(printed[1]),
    sip: { host: printed[2] ?? '', port: Number(printed[3]) },
    token: tokenFor(settings),
    stop: () => child.stop(),
  };
}

function tokenFor(env: Record<string, string>): string {
  const options = ['--tenant', 'foo', '--group', 'foogroup', '--role', 'GroupAdmin', '--ttl', '1d'];
  return execFileSync(process.execPath, ['dist/auth/token-cli.js', ...options], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  }).trim();
}

export function callsPath(user: string): string {
  return `/api/v1/tenants/foo/groups/foogroup/users/${user}/services/calls/`;
}
