import { createPublicKey } from 'node:crypto';
import { type JWTVerifyGetKey, createRemoteJWKSet, errors } from 'jose';
import type { Config } from '../../config/config.js';
import { OWN_KEY_ALGORITHM, OWN_NAME, ownKey } from './own-key.js';
import { KeysUnavailable, type TokenRules, TokenVerifier } from './token-verifier.js';

/** The verifier that the configuration asks for: keys of an issuer, or the service's own. */
export async function createTokenVerifier(config: Config): Promise<TokenVerifier> {
  const keys = config.jwksUrl === undefined ? await ownKeys(config.dataDir) : issuerKeys(config.jwksUrl);
  return new TokenVerifier(keys, tokenRules(config));
}

export function tokenRules(config: Config): TokenRules {
  return {
    issuer: config.jwtIssuer ?? OWN_NAME,
    audience: config.jwtAudience ?? OWN_NAME,
    algorithms: config.jwksUrl === undefined ? [OWN_KEY_ALGORITHM] : config.jwtAlgorithms,
    claims: {
      tenantId: config.claimTenant,
      groupId: config.claimGroup,
      userId: config.claimUser,
      role: config.claimRole,
    },
  };
}

async function ownKeys(dataDir: string): Promise<JWTVerifyGetKey> {
  const key = createPublicKey(await ownKey(dataDir));
  return () => key;
}

/** The issuer's keys, fetched when first needed and again for a key id that is not among them. */
function issuerKeys(url: string): JWTVerifyGetKey {
  const keySet = createRemoteJWKSet(new URL(url));
  return async (header, token) => {
    try {
      return await keySet(header, token);
    } catch (error) {
      const aboutToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      if (aboutToken) throw error;
      throw new KeysUnavailable('The keys of the token issuer cannot be fetched now.', { cause: error });
    }
  };
}
