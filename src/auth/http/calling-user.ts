import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { User } from '../../directory/domain/user.js';

/** A request that EndUserGuard lets pass. */
export interface UserRequest extends FastifyRequest {
  callingUser?: User;
}

/** That of `switchToHttp`, which makes three functions for each look. */
export function requestOf<T extends FastifyRequest = FastifyRequest>(context: ExecutionContext): T {
  return context.getArgByIndex<T>(0);
}

/** Parameter of a controller behind EndUserGuard: the user of the path, of type User. */
export const CallingUser = createParamDecorator(
  (_: unknown, context: ExecutionContext): User | undefined => requestOf<UserRequest>(context).callingUser,
);
