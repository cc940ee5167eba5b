import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { PROBLEM_CAUSES } from './problem-causes.js';
import { PROBLEM_TYPE, problemBody, PROBLEMS } from './problems.js';
import type { ProblemBody, ProblemExtension, ProblemName } from './problems.js';

/** The refusals of any operation behind the guard. */
const EVERYWHERE = [
  'malformedRequest',
  'malformedUrl',
  'uriTooLong',
  'tooManyRequests',
  'unauthorized',
  'invalidCallingUser',
  'internalError',
  'serviceUnavailable',
  'storeUnavailable',
] satisfies ProblemName[];

/**
 * Documents the refusals of an operation: one response per status, one example per refusal, with what brings it about.
 * @param instance path of the examples
 */
export function ApiProblems(
  instance: string,
  names: ProblemName[],
  extensions: Partial<Record<ProblemName, ProblemExtension>> = {},
): MethodDecorator {
  const byStatus = new Map<number, Refusal[]>();
  for (const name of [...names, ...EVERYWHERE]) {
    const body = problemBody(name, instance, extensions[name]);
    byStatus.set(body.status, [...(byStatus.get(body.status) ?? []), { body, cause: PROBLEM_CAUSES[name] }]);
  }
  return applyDecorators(...[...byStatus].map(([status, refusals]) => answer(status, refusals)));
}

interface Refusal {
  body: ProblemBody;
  cause: string;
}

function answer(status: number, refusals: Refusal[]): MethodDecorator {
  const headers = HEADERS[status];
  return ApiResponse({
    status,
    description: refusals
      .map(({ body: { title, code } }) => title + (code === undefined ? '' : ` (${code})`))
      .filter((text, index, all) => all.indexOf(text) === index)
      .join(', '),
    content: {
      [PROBLEM_TYPE]: {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(
          refusals.map(({ body, cause }) => [
            body.type.replace('/problems/', ''),
            { summary: body.detail, description: cause, value: body },
          ]),
        ),
      },
    },
    ...(headers ? { headers } : {}),
  });
}

const HEADERS: Record<
  number,
  Record<string, { description: string; schema: { type: 'string' | 'integer' } }>
> = {
  [PROBLEMS.unauthorized.status]: {
    'WWW-Authenticate': { description: 'RFC 6750 challenge.', schema: { type: 'string' } },
  },
  [PROBLEMS.tooManyRequests.status]: {
    'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } },
    'RateLimit-Limit': { description: 'Requests in a span of time.', schema: { type: 'integer' } },
    'RateLimit-Remaining': { description: 'Those that are left of it.', schema: { type: 'integer' } },
    'RateLimit-Reset': { description: 'Seconds until the next span begins.', schema: { type: 'integer' } },
  },
  [PROBLEMS.storeUnavailable.status]: {
    'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } },
  },
};
