import type { LogLevel } from '@nestjs/common';
import { type Config, ConfigError, loadConfig } from './config/config.js';
import { startService } from './service.js';

const LEVELS: Record<Config['logLevel'], LogLevel[]> = {
  fatal: ['fatal'],
  error: ['fatal', 'error'],
  warn: ['fatal', 'error', 'warn'],
  info: ['fatal', 'error', 'warn', 'log'],
  debug: ['fatal', 'error', 'warn', 'log', 'debug'],
};

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const service = await startService(config, { logger: LEVELS[config.logLevel] });
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      void service.stop().then(() => process.exit(0));
    });
  }
  console.log(welcome(service.url, service.sip, config));
}

function welcome(url: string, sip: { host: string; port: number }, config: Config): string {
  const calls = `${url}/api/v1/tenants/foo/groups/foogroup/users/foouser/services/calls/`;
  const lines = [
    `Call service on ${url}, SIP on ${sip.host}:${sip.port} (UDP, TCP)`,
    `Documentation: ${url}/docs`,
  ];
  if (!config.jwksUrl && config.directoryFile === undefined) {
    const data = config.dataDir === './data' ? '' : `DATA_DIR=${config.dataDir} `;
    lines.push(
      'A first call:',
      `  TOKEN=$(${data}npm run -s token -- --tenant foo --group foogroup --user foouser)`,
      `  curl -s -X POST ${calls} -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"phoneNumber": "+3212345678"}'`,
    );
  }
  return lines.join('\n');
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
