import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Pipelined requests of one connection that are worked on at the same time. */
const MOST_AT_ONCE = 8;

/** The answers of a connection that are not sent yet, in the order in which their requests have arrived. */
interface Line {
  due: FastifyReply[];
  /** Those that are not worked on yet. */
  waiting: (() => void)[];
}

/**
 * The answers that are due on each connection. A client that sends many requests and reads no answer gets no more
 * than some of them worked on, since all answers would wait in memory.
 */
export class DueAnswers {
  private readonly lines = new Map<Socket, Line>();

  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRequest', (request, reply, done) => {
      const line = this.lineOf(request.raw.socket);
      line.due.push(reply);
      if (line.due.length > MOST_AT_ONCE) line.waiting.push(done);
      else done();
    });
    // Not told of answers whose connection is gone; their line is gone, too.
    fastify.addHook('onResponse', (request, reply, done) => {
      leave(this.lines.get(request.raw.socket), reply);
      done();
    });
  }

  /** Whether an answer is due on the connection. */
  on(socket: Socket): boolean {
    return (this.lines.get(socket)?.due.length ?? 0) > 0;
  }

  /** Whether a later request, pipelined on the same connection, needs it for its answer. */
  behind(reply: FastifyReply): boolean {
    const line = this.lines.get(reply.request.raw.socket);
    return line !== undefined && line.due.at(-1) !== reply;
  }

  all(): FastifyReply[] {
    return [...this.lines.values()].flatMap(({ due }) => due);
  }

  private lineOf(socket: Socket): Line {
    const known = this.lines.get(socket);
    if (known) return known;
    const line: Line = { due: [], waiting: [] };
    this.lines.set(socket, line);
    // Answers that wait for others of their connection are not told that it is gone.
    socket.once('close', () => this.lines.delete(socket));
    return line;
  }
}

function leave(line: Line | undefined, reply: FastifyReply): void {
  const place = line?.due.indexOf(reply) ?? -1;
  if (!line || place < 0) return;
  line.due.splice(place, 1);
  line.waiting.shift()?.();
}
