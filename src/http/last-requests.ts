import { Server as TcpServer } from 'node:net';
import { setImmediate as afterEvents, setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { DueAnswers } from './due-answers.js';

/** How long the end waits for answers that are due, and for connections that may still bring a request. */
const LAST_ANSWERS_MS = 2_000;
/** How long an answer has to reach its client after that. */
const LINGER_MS = 500;
const SHORT_TURN_MS = 0.3;
const MOST_TURNS = 100;

declare module 'fastify' {
  interface FastifyInstance {
    lastRequests: LastRequests;
  }
}

/**
 * How the web server ends without dropping a request: clients are asked to leave with each answer (RFC 9112 §9.6),
 * then nobody new is let in, and what has arrived is answered.
 */
export class LastRequests {
  private leaving = false;

  /** @param answerLate answers a request that has waited for too long */
  constructor(
    private readonly fastify: FastifyInstance,
    private readonly due: DueAnswers,
    private readonly answerLate: (reply: FastifyReply) => void,
  ) {
    fastify.addHook('onSend', (_request, reply, payload, done) => {
      if (this.leaving && !due.behind(reply)) reply.raw.shouldKeepAlive = false;
      done(null, payload);
    });
  }

  /** From now on each answer says that its connection closes. */
  askToLeave(): void {
    this.leaving = true;
  }

  /**
   * Lets nobody in any more and resolves when all connections are closed, each behind its last answer.
   * @param patient connections that are idle may bring one more request
   */
  async close({ patient }: { patient: boolean }): Promise<void> {
    const { server } = this.fastify;
    this.leaving = true;
    await allAccepted();
    // Node's HTTP server would destroy idle connections with it, and stop looking after slow ones.
    const closed = new Promise<void>((resolve) => {
      TcpServer.prototype.close.call(server, () => resolve());
    });
    if (!patient) server.closeIdleConnections();
    await within(LAST_ANSWERS_MS, closed);
    for (const reply of this.due.all()) this.answerLate(reply);
    server.closeIdleConnections();
    await within(LINGER_MS, closed);
    server.closeAllConnections();
  }
}

/**
 * Whoever connects between the last look at the listener and its end is cut off by the system. A turn of the event loop
 * looks there first: after a short one hardly anybody can have come since.
 */
async function allAccepted(): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const from = performance.now();
    await afterEvents();
    if (performance.now() - from < SHORT_TURN_MS) return;
  }
}

async function within(milliseconds: number, done: Promise<void>): Promise<void> {
  const late = new AbortController();
  const timer = delay(milliseconds, undefined, { signal: late.signal }).catch(() => undefined);
  await Promise.race([done, timer]);
  late.abort();
}
