import { type JWTPayload, type JWTVerifyGetKey, errors, jwtVerify } from 'jose';
import { type Caller, NAMED_BY, isRole } from '../domain/caller.js';
import { VerifiedTokens } from './verified-tokens.js';

/** The token is not accepted. The message may be told to the client: it holds nothing of the token. */
export class InvalidToken extends Error {}

/** The keys of the issuer cannot be had now, so nothing can be said about the token. */
export class KeysUnavailable extends Error {}

export interface TokenRules {
  issuer: string;
  audience: string;
  /** Signature algorithms; all of them asymmetric. */
  algorithms: readonly string[];
  /** Names of the claims. */
  claims: { tenantId: string; groupId: string; userId: string; role: string };
}

const MAX_TOKEN_LENGTH = 8_192;
const MAX_REMEMBERED = 10_000;
/** A key that the issuer withdraws must stop working, however long its tokens live. */
const MAX_REMEMBERED_MS = 5 * 60_000;
/** The issuer's clock may be ahead; in favour of `exp` there is no tolerance. */
const CLOCK_AHEAD_S = 5;

export class TokenVerifier {
  readonly #verified: VerifiedTokens;

  /**
   * @param keys finds the public key of a token; throws KeysUnavailable when it cannot know
   * @param now milliseconds since 1970
   */
  constructor(
    private readonly keys: JWTVerifyGetKey,
    private readonly rules: TokenRules,
    private readonly now: () => number = Date.now,
    remembered = MAX_REMEMBERED,
  ) {
    this.#verified = new VerifiedTokens(remembered);
  }

  /** The caller of a token that was verified lately and still holds. */
  known(token: string): Caller | undefined {
    return this.#verified.get(token, this.now());
  }

  /** @throws InvalidToken @throws KeysUnavailable */
  async verify(token: string): Promise<Caller> {
    if (token.length > MAX_TOKEN_LENGTH)
      throw new InvalidToken(`The token is longer than ${MAX_TOKEN_LENGTH} characters.`);
    const now = this.now();
    const payload = await this.#check(token, now);
    const expires = (payload.exp ?? 0) * 1_000;
    if (expires <= now) throw new InvalidToken('The token has expired.');
    const caller = this.#callerOf(payload);
    this.#verified.add(token, caller, Math.min(expires, now + MAX_REMEMBERED_MS));
    return caller;
  }

  async #check(token: string, now: number): Promise<JWTPayload> {
    const { issuer, audience, algorithms } = this.rules;
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        issuer,
        audience,
        algorithms: [...algorithms],
        requiredClaims: ['exp'],
        clockTolerance: CLOCK_AHEAD_S,
        currentDate: new Date(now),
      });
      return payload;
    } catch (error) {
      if (error instanceof KeysUnavailable) throw error;
      throw new InvalidToken(reason(error), { cause: error });
    }
  }

  #callerOf(payload: JWTPayload): Caller {
    const { claims } = this.rules;
    const role = payload[claims.role] ?? 'EndUser';
    if (!isRole(role)) throw new InvalidToken(`The claim "${claims.role}" of the token is not a role.`);
    const caller: Caller = { role };
    for (const id of NAMED_BY[role]) {
      const value = payload[claims[id]];
      if (typeof value !== 'string' || value === '')
        throw new InvalidToken(`A token with the role ${role} needs the claim "${claims[id]}".`);
      caller[id] = value;
    }
    return caller;
  }
}

function reason(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed)
    switch (error.claim) {
      case 'nbf':
        return 'The token is not valid yet.';
      case 'iss':
        return 'The token comes from another issuer.';
      case 'aud':
        return 'The token is meant for another audience.';
      case 'exp':
        return 'The token has no time of expiry.';
    }
  return 'The token is not valid.';
}
