import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { aboutCall, beginAbout, callInHand, type CallInHand } from '../../calls/application/call-context.js';
import { isCallId } from '../call-ids.js';

declare module 'fastify' {
  interface FastifyRequest {
    callInHand: CallInHand | null;
  }
}

/** One line per request, and the request's id in each line that is logged on its way. */
export function logRequests(fastify: FastifyInstance, logger: Logger): void {
  fastify.decorateRequest('callInHand', null);
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { callId } = request.params as { callId?: unknown };
    const call: CallInHand = { requestId: request.id };
    if (isCallId(callId)) call.callId = callId;
    request.callInHand = call;
    beginAbout(call);
    done();
  });
  // A body comes in by events of the socket, which know nothing of the request.
  fastify.addHook('preValidation', ({ callInHand: call }, _reply, done) => {
    if (call && callInHand() !== call) beginAbout(call);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const call = request.callInHand;
    if (call && (reply.statusCode >= 500 || logger.isLevelEnabled('info')))
      aboutCall(call, () => logAnswer(logger, request, reply));
    done();
  });
}

function logAnswer(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const { url: route = 'none', config } = request.routeOptions;
  if (config.watched) return;
  const status = reply.statusCode;
  const durationMs = Math.round(reply.elapsedTime * 10) / 10;
  const line = { context: 'Request', method: request.method, route, status, durationMs };
  if (status < 500) logger.info(line, 'answered');
  else logger.warn(line, 'answered');
}
