import type { LoggerService } from '@nestjs/common';
import { Logger as NestLogger, PinoLogger } from 'nestjs-pino';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { callInHand } from '../../calls/application/call-context.js';
import { openStdout } from './log-sink.js';
import { redactor } from './redact.js';
import { redactLine } from './redact-line.js';
import { logRequests } from './request-log.js';
import { textLine } from './text-line.js';

export interface LogSettings {
  level: 'fatal' | 'error' | 'warn' | 'info' | 'debug';
  format: 'json' | 'text';
  phoneNumbers: 'hidden' | 'shown';
  /** Ids of the trace that the work under way belongs to. */
  trace?: () => object | undefined;
}

export interface Logs {
  /** Takes the lines of Nest's Logger. */
  nest: LoggerService;
  watchRequests(fastify: FastifyInstance): void;
  /** Told whatever the level is. */
  announce(message: string): void;
  /** The last words of a process. */
  fatal(error: unknown): void;
}

/** The log of this process, on standard output: one per process. */
export function openLogs({ level, format, phoneNumbers, trace }: LogSettings): Logs {
  const redact = redactor({ phoneNumbers });
  const stdout = openStdout((lines) =>
    logger.warn({ lines }, 'Lines of the log were dropped: nobody read it'),
  );
  const sink = format === 'json' ? stdout : { write: (line: string) => stdout.write(textLine(line)) };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...callInHand(), ...trace?.() }),
      hooks: { streamWrite: (line) => redactLine(line, redact, phoneNumbers === 'hidden') },
    },
    sink,
  );
  const params = { pinoHttp: { logger } };
  return {
    nest: new NestLogger(new PinoLogger(params), params),
    watchRequests: (fastify) => logRequests(fastify, logger),
    announce: (message) => logger.child({}, { level: 'info' }).info(message),
    fatal: (error) =>
      logger.fatal(error instanceof Error ? error : { error: String(error) }, 'The process ends'),
  };
}
