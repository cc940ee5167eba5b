import { inspect } from 'node:util';
import { type Config, ConfigError, loadConfig } from './config/config.js';
import { FileMistakes } from './config/yaml-file.js';
import { tokenCommand } from './http/try-out.js';
import { redactor } from './observability/logs/redact.js';
import { openLogs } from './observability/logs/logs.js';
import type { Tracing } from './observability/tracing/tracing.js';
import { type RunningService, startService } from './service.js';
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
  if (format === 'text') console.log(welcome(service, config));
  else logs.announce(firstLine(service, config));
}

/** Nothing of it is loaded where it is off. */
async function tracingOf(config: Config): Promise<Tracing | undefined> {
  if (!config.otelExporterOtlpEndpoint && !config.otelExporterOtlpTracesEndpoint) return undefined;
  const { startTracing } = await import('./observability/tracing/tracing.js');
  return startTracing(config);
}

function firstLine({ url, sip }: RunningService, { engine }: Config): string {
  const reached = sip ? `SIP on ${sip.host}:${sip.port} (UDP, TCP)` : `switch ${engine}`;
  return `Call service on ${url}, ${reached}`;
}

function welcome(service: RunningService, config: Config): string {
  const { url } = service;
  const calls = `${url}/api/v1/tenants/foo/groups/foogroup/users/foouser/services/calls/`;
  const lines = [firstLine(service, config), `Documentation: ${url}/docs`];
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
  if (error instanceof ConfigError) console.error(error.message);
  else console.error(hide(error instanceof FileMistakes ? error.message : inspect(error)));
  process.exit(1);
});
