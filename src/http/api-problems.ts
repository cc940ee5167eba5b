import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { PROBLEM_TYPE, problemBody, PROBLEMS } from './problems.js';
import type { ProblemBody, ProblemExtension, ProblemName } from './problems.js';

/** The refusals of any operation behind the guard. */
const EVERYWHERE = [
  'malformedRequest',
  'malformedUrl',
  'unauthorized',
  'invalidCallingUser',
  'internalError',
  'serviceUnavailable',
  'storeUnavailable',
] satisfies ProblemName[];

/**
 * Documents the refusals of an operation: one response per status, one example per refusal.
 * @param instance path of the examples
 */
export function ApiProblems(
  instance: string,
  names: ProblemName[],
  extensions: Partial<Record<ProblemName, ProblemExtension>> = {},
): MethodDecorator {
  const byStatus = new Map<number, ProblemBody[]>();
  for (const name of [...names, ...EVERYWHERE]) {
    const body = problemBody(name, instance, extensions[name]);
    byStatus.set(body.status, [...(byStatus.get(body.status) ?? []), body]);
  }
  return applyDecorators(...[...byStatus].map(([status, bodies]) => refusal(status, bodies)));
}

function refusal(status: number, bodies: ProblemBody[]): MethodDecorator {
  const headers = HEADERS[status];
  return ApiResponse({
    status,
    description: bodies
      .map(({ title, code }) => title + (code === undefined ? '' : ` (${code})`))
      .filter((text, index, all) => all.indexOf(text) === index)
      .join(', '),
    content: {
      [PROBLEM_TYPE]: {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(
          bodies.map((body) => [body.type.replace('/problems/', ''), { summary: body.detail, value: body }]),
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
  [PROBLEMS.storeUnavailable.status]: {
    'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } },
  },
};
