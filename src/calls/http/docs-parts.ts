import { applyDecorators } from '@nestjs/common';
import { ApiParam, ApiResponse } from '@nestjs/swagger';
import type { ProblemName } from '../../http/problems.js';
import { CALL_ID } from './call-id.js';

/** What the descriptions of several operations have in common. */
export const BODY_PROBLEMS: ProblemName[] = [
  'invalidRequest',
  'invalidJson',
  'bodyTooLarge',
  'unsupportedMediaType',
];
/** Of what the switch is asked for, or tells. */
export const ENGINE_PROBLEMS: ProblemName[] = ['engineUnavailable', 'engineBadAnswer', 'engineTimeout'];
export const RIGHTS = 'Authorization rights: minimum EndUser.';

const path = (name: string, description: string, schema: { example?: string; pattern?: string }) =>
  ApiParam({ name, description, schema: { type: 'string', ...schema } });
export const ForUser = () =>
  applyDecorators(
    path('tenantId', 'The tenant.', { example: 'foo' }),
    path('groupId', 'The group of the tenant.', { example: 'foogroup' }),
    path('userId', 'The user of the group whose calls these are.', { example: 'foouser' }),
  );
/** Without an example: the page would ask for a call that is not there. */
export const ForCall = () =>
  applyDecorators(
    ForUser(),
    path('callId', 'The call identifier: of the answer that began the call, or of the list of calls.', {
      pattern: CALL_ID.source,
    }),
  );

export interface Header {
  description: string;
  schema: { type: 'string'; enum: string[] };
}

export const success = (
  status: number,
  description: string,
  schema: string,
  values: Record<string, object>,
  headers?: Record<string, Header>,
) =>
  ApiResponse({
    status,
    description,
    ...(headers && { headers }),
    content: {
      'application/json': {
        schema: { $ref: `#/components/schemas/${schema}` },
        examples: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
      },
    },
  });

/** Examples of request bodies: those that succeed by their names, those that are refused by the slug of the refusal. */
export const bodies = (good: Record<string, object>, refused: Record<string, object> = {}) => ({
  ...Object.fromEntries(Object.entries(good).map(([name, value]) => [name, { value }])),
  ...Object.fromEntries(
    Object.entries(refused).map(([slug, value]) => [slug, { summary: `refused: ${slug}`, value }]),
  ),
});
