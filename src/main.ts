import { inspect } from 'node:util';
import { type Config, ConfigError, loadConfig } from './config/config.js';
import { tokenCommand } from './http/try-out.js';
import { redactor } from './observability/logs/redact.js';
import { openLogs } from './observability/logs/logs.js';
import type { Tracing } from './observability/tracing/tracing.js';
import { startService } from './service.js';
import { stopOnSignals } from './signals.js';

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const tracing = await tracingOf(config);
  const format = config.logFormat ?? (process.stdout.isTTY ? 'text' : 'json');
  const logs = openLogs({
    level: config.logLevel,
    format,
    phoneNumbers: config.logPhoneNumbers === 'on' ? 'shown' : 'hidden',
    ...(tracing && { trace: () => tracing.ids() }),
  });
  process.on('uncaughtException', (error) => {
    logs.fatal(error);
    process.exit(1);
  });
  const starting = startService(config, {
    logger: logs.nest,
    watchRequests: [logs.watchRequests, ...(tracing ? [tracing.watchRequests] : [])],
    ...(tracing && { watchParts: [tracing.watchParts], afterStop: tracing.stop }),
  });
  stopOnSignals(starting, { delayMs: config.drainDelay, timeoutMs: config.drainTimeout });
  const service = await starting;
  if (format === 'text') console.log(welcome(service.url, service.sip, config));
  else logs.announce(firstLine(service.url, service.sip));
}

/** Nothing of it is loaded where it is off. */
async function tracingOf(config: Config): Promise<Tracing | undefined> {
  if (!config.otelExporterOtlpEndpoint && !config.otelExporterOtlpTracesEndpoint) return undefined;
  const { startTracing } = await import('./observability/tracing/tracing.js');
  return startTracing(config);
}

const firstLine = (url: string, sip: { host: string; port: number }) =>
  `Call service on ${url}, SIP on ${sip.host}:${sip.port} (UDP, TCP)`;

function welcome(url: string, sip: { host: string; port: number }, config: Config): string {
  const calls = `${url}/api/v1/tenants/foo/groups/foogroup/users/foouser/services/calls/`;
  const lines = [firstLine(url, sip), `Documentation: ${url}/docs`];
  const command = tokenCommand(config);
  if (command !== undefined && config.directoryFile === undefined) {
    lines.push(
      'A first call:',
      `  TOKEN=$(${command})`,
      `  curl -s -X POST ${calls} -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"phoneNumber": "+3212345678"}'`,
    );
  }
  return lines.join('\n');
}

main().catch((error: unknown) => {
  const hide = redactor({ phoneNumbers: 'hidden' });
  console.error(error instanceof ConfigError ? error.message : hide(inspect(error)));
  process.exit(1);
});
