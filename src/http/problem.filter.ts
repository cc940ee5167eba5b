import { Catch, ForbiddenException, HttpException, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { COME_AGAIN_AFTER_SECONDS } from '../calls/application/admission.js';
import { StoreUnavailable, VersionConflict } from '../calls/application/call-repository.js';
import { CallRefused, type RefusalReason } from '../calls/domain/call-refused.js';
import { wireActions, wireState } from '../calls/http/wire-names.js';
import { afterBody } from './client-errors.js';
import { HttpProblem, PROBLEM_TYPE, PROBLEMS, problemBody } from './problems.js';
import type { ProblemExtension, ProblemName } from './problems.js';
import { REQUEST_ID_HEADER } from './request-id.js';
import type { RouteTable } from './route-table.js';

const RETRY_AFTER_SECONDS = 1;
const RETRY_LATER: Partial<Record<ProblemName, number>> = { shuttingDown: COME_AGAIN_AFTER_SECONDS };

const BY_FASTIFY_CODE: Record<string, ProblemName> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'bodyTooLarge',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupportedMediaType',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalidJson',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformedRequest',
  FST_ERR_BAD_URL: 'malformedUrl',
};

const BY_STATUS: Record<number, ProblemName> = {
  401: 'unauthorized',
  403: 'invalidCallingUser',
  404: 'routeNotFound',
  408: 'requestTimeout',
  413: 'bodyTooLarge',
  415: 'unsupportedMediaType',
  503: 'serviceUnavailable',
};

/** The field of the body that a refusal is about. */
const FIELDS: Partial<Record<RefusalReason, string>> = {
  invalidPhoneNumber: 'phoneNumber',
  sameCall: 'transferCallId',
};

/** What the engine says of itself stands alone; other reasons are followed by what exactly was wrong. */
const SAID_BY_THE_ENGINE = new Set<RefusalReason>(['engineUnavailable', 'engineBadAnswer', 'engineTimeout']);

/** Turns whatever is thrown into one `application/problem+json` answer. Nothing internal reaches the client. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  constructor(private readonly routes: RouteTable) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** For errors that Fastify raises before Nest is asked, too. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const refusal = this.routed(toProblem(error), request);
    if (refusal.problem === 'internalError') {
      this.logger.error(
        `${request.method} ${pathOf(request.url)}`,
        error instanceof Error ? error.stack : error,
      );
    }
    // Node closes the connection behind the answer where the client wants it so, and Fastify does it on a body that
    // it has not read: a client that is still sending would lose the answer. So the rest is read first, or after the
    // answer where the connection stays; `requestTimeout` bounds that.
    if (reply.raw.shouldKeepAlive) send(refusal, request, reply);
    else afterBody(request.raw, () => send(refusal, request, reply));
  }

  /** A path that exists for other methods answers 405 and names them. */
  private routed(refusal: HttpProblem, request: FastifyRequest): HttpProblem {
    if (refusal.problem !== 'routeNotFound') return refusal;
    const methods = this.routes.methodsOf(pathOf(request.url));
    if (methods.length === 0 || methods.includes(request.method)) return refusal;
    return new HttpProblem('methodNotAllowed', {}, { allow: methods.join(', ') });
  }
}

function send(
  { problem, extension, headers }: HttpProblem,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (reply.sent) return;
  const body = problemBody(problem, pathOf(request.url), extension);
  if (reply.hasHeader('connection')) reply.removeHeader('connection');
  // Errors before routing pass no hook.
  reply.header(REQUEST_ID_HEADER, request.id);
  reply.code(body.status).headers(headers);
  if (body.status === 401) reply.header('www-authenticate', challenge(request));
  if (body.status === 503) reply.header('retry-after', String(RETRY_LATER[problem] ?? RETRY_AFTER_SECONDS));
  reply.header('content-type', PROBLEM_TYPE).serializer(JSON.stringify).send(body);
}

function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof CallRefused) return new HttpProblem(error.reason, extensionOf(error));
  if (error instanceof StoreUnavailable) return new HttpProblem('storeUnavailable');
  if (error instanceof VersionConflict) return new HttpProblem('callBusy');
  if (error instanceof HttpException)
    return fromStatus(error.cause ?? error, error.getStatus(), error.message);
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number')
    return fromStatus(error, error.statusCode, error.message);
  return new HttpProblem('internalError');
}

function fromStatus(error: unknown, status: number, message: string): HttpProblem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const name = BY_FASTIFY_CODE[code] ?? BY_STATUS[status];
  // The guard says what is wrong with the token.
  if (name === 'unauthorized') return new HttpProblem(name, { detail: message });
  // The files of the documentation refuse paths that lead out of their folder; that is not about a user.
  if (name === 'invalidCallingUser' && !(error instanceof ForbiddenException))
    return new HttpProblem('routeNotFound');
  if (name) return new HttpProblem(name);
  return status < 500
    ? new HttpProblem('malformedRequest', { detail: message })
    : new HttpProblem('internalError');
}

function extensionOf({ reason, detail }: CallRefused): ProblemExtension {
  const words = wordsOf(reason, detail.message);
  const field = FIELDS[reason];
  return {
    ...(words === undefined ? {} : { detail: words }),
    ...(field === undefined
      ? {}
      : { errors: [{ field: detail.field ?? field, message: detail.message ?? PROBLEMS[reason].detail }] }),
    ...(detail.callState === undefined ? {} : { callState: wireState(detail.callState) }),
    ...(detail.allowedActions === undefined ? {} : { allowedActions: wireActions(detail.allowedActions) }),
  };
}

/** In place of the text of the reason. */
function wordsOf(reason: RefusalReason, message: string | undefined): string | undefined {
  const { code, detail: text }: { code?: number; detail: string } = PROBLEMS[reason];
  // The texts of code 59 are the reference's own and stay as they are.
  if (message === undefined || code !== undefined) return undefined;
  return SAID_BY_THE_ENGINE.has(reason) ? message : `${text}: ${message}`;
}

/** RFC 6750 §3: no error code where no token was sent. */
function challenge(request: FastifyRequest): string {
  return request.headers.authorization === undefined
    ? 'Bearer realm="call-service"'
    : 'Bearer realm="call-service", error="invalid_token"';
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}
