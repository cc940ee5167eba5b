import { Logger } from '@nestjs/common';
import type { Grace } from './calls/application/drain-calls.js';
import type { RunningService } from './service.js';

/** What stopping may take beyond the time of grace. */
const STOPPING_MS = 15_000;

const logger = new Logger('Signals');

/**
 * SIGTERM, as sent by whoever runs the service, lets running calls end; SIGINT, Ctrl+C, does not wait for them. A
 * second signal ends the process at once, as a crash would: all that was answered is stored.
 */
export function stopOnSignals(starting: Promise<RunningService>, grace: Grace): void {
  let service: RunningService | undefined;
  let stopping = false;
  starting.then(
    (started) => (service = started),
    () => undefined,
  );
  const stop = (given?: Grace) => {
    if (stopping || !service) process.exit(1);
    stopping = true;
    const patienceMs = Math.max(given?.delayMs ?? 0, given?.timeoutMs ?? 0) + STOPPING_MS;
    setTimeout(() => {
      logger.error(`Not stopped after ${patienceMs} ms`);
      process.exit(1);
    }, patienceMs).unref();
    service.stop(given).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error(`Stopped with an error: ${error instanceof Error ? error.stack : String(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop(grace));
  process.on('SIGINT', () => stop());
}
