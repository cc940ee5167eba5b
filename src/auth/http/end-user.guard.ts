import {
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { Directory } from '../../directory/application/directory.js';
import type { UserRef } from '../../directory/domain/user.js';
import { type Caller, mayActFor } from '../domain/caller.js';
import { JwtStrategy, bearerToken } from '../jwt/jwt.strategy.js';
import { KeysUnavailable, TokenVerifier } from '../jwt/token-verifier.js';
import { requestOf, type UserRequest } from './calling-user.js';

/**
 * Lets a request to `…/tenants/:tenantId/groups/:groupId/users/:userId/…` pass whose caller may act for that user,
 * at least as EndUser. 401 without a good token; 403 "invalid calling user" otherwise, the same for users that do
 * not exist and for those of others; 503 while the keys of the issuer cannot be fetched.
 */
@Injectable()
export class EndUserGuard extends AuthGuard() {
  constructor(
    strategy: JwtStrategy,
    private readonly verifier: TokenVerifier,
    private readonly directory: Directory,
  ) {
    super({ defaultStrategy: strategy.name });
  }

  /** A token that is known goes past passport, which costs more than the rest of the request. */
  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = requestOf<UserRequest>(context);
    const token = bearerToken(request.headers.authorization);
    const caller = token === undefined ? undefined : this.verifier.known(token);
    return caller ? this.admit(request, caller) : this.authenticate(request, context);
  }

  private async authenticate(request: UserRequest, context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    return this.admit(request, (request as unknown as { user: Caller }).user);
  }

  private admit(request: UserRequest, caller: Caller): true {
    const ref = request.params as UserRef;
    const user = this.directory.findUser(ref);
    if (!user || !mayActFor(caller, ref)) throw new ForbiddenException('invalid calling user');
    request.callingUser = user;
    return true;
  }

  override handleRequest<T>(error: unknown, caller: T | false | undefined, info: unknown): T {
    if (error instanceof KeysUnavailable)
      throw new ServiceUnavailableException(error.message, { cause: error });
    if (error) throw error;
    if (!caller) throw new UnauthorizedException(String(info));
    return caller;
  }
}
