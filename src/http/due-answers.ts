import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Pipelined requests of one connection that are worked on at the same time. */
const MOST_AT_ONCE = 8;

interface DueAnswer {
  request: FastifyRequest;
  reply: FastifyReply;
}

/** The requests of a connection that have no answer yet, in the order of their arrival. */
interface Line {
  due: DueAnswer[];
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
      line.due.push({ request, reply });
      reply.raw.once('close', () => leave(line, reply));
      if (line.due.length > MOST_AT_ONCE) line.waiting.push(done);
      else done();
    });
  }

  /** Whether an answer is due on the connection. */
  on(socket: Socket): boolean {
    return (this.lines.get(socket)?.due.length ?? 0) > 0;
  }

  /** Whether a later request, pipelined on the same connection, needs it for its answer. */
  behind({ request, reply }: DueAnswer): boolean {
    const line = this.lines.get(request.raw.socket);
    return line !== undefined && line.due.at(-1)?.reply !== reply;
  }

  all(): DueAnswer[] {
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

function leave(line: Line, reply: FastifyReply): void {
  const place = line.due.findIndex((each) => each.reply === reply);
  if (place >= 0) line.due.splice(place, 1);
  line.waiting.shift()?.();
}
