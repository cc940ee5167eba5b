import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import type { Caller } from '../domain/caller.js';
import { InvalidToken, TokenVerifier } from './token-verifier.js';

type Done = (error: unknown, caller?: Caller | null) => void;

/** The token of an `Authorization: Bearer …` header (RFC 6750 §2.1). */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.slice(0, 7).toLowerCase() !== 'bearer ') return undefined;
  return authorization.slice(7).trim() || undefined;
}

let instances = 0;

class BearerStrategy extends passport.Strategy {
  /** Passport keeps the strategies of the whole process by name: each application has one of its own. */
  override readonly name = `jwt-${(instances += 1)}`;

  constructor(private readonly check: (token: string, done: Done) => void) {
    super();
  }

  override authenticate(request: Pick<IncomingMessage, 'headers'>): void {
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) return this.fail('A bearer token is needed.', 401);
    this.check(token, (error, caller) => {
      if (caller) this.success(caller);
      else if (error instanceof InvalidToken) this.fail(error.message, 401);
      else this.error(error);
    });
  }
}

@Injectable()
export class JwtStrategy extends PassportStrategy(BearerStrategy) {
  constructor(private readonly verifier: TokenVerifier) {
    super();
  }

  validate(token: string): Promise<Caller> {
    return this.verifier.verify(token);
  }
}
