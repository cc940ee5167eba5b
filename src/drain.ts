import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DrainCalls, type Grace } from './calls/application/drain-calls.js';

const logger = new Logger('Drain');

/**
 * The way out of a running service (docs/adr/0015): no new calls, running ones go on for the time of grace, and
 * every request gets its answer. Afterwards nothing is served any more; what is left of the calls is in the store.
 */
export async function drain(app: NestFastifyApplication, grace?: Grace): Promise<void> {
  const { lastRequests } = app.getHttpAdapter().getInstance();
  const calls = app.get(DrainCalls, { strict: false });
  if (grace) logger.log(`No new calls; ${calls.running} may go on for ${grace.timeoutMs} ms`);
  lastRequests.askToLeave();
  await calls.run(grace);
  const left = calls.running;
  if (left > 0) logger.warn(`${left} calls are left to the next start`);
  await lastRequests.close({ patient: grace !== undefined });
}
