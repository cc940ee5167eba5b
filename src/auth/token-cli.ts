import { parseArgs } from 'node:util';
import { SignJWT } from 'jose';
import { loadConfig } from '../config/config.js';
import { parseDuration } from '../config/duration.js';
import { NAMED_BY, ROLES, isRole } from './domain/caller.js';
import { OWN_KEY_ALGORITHM, ownKey } from './jwt/own-key.js';
import { tokenRules } from './jwt/token-keys.js';

const USAGE = 'npm run -s token -- --tenant foo --group foogroup --user foouser [--role EndUser] [--ttl 1h]';
const MAX_TTL_MS = 366 * 86_400_000;
const OPTION_OF = { tenantId: 'tenant', groupId: 'group', userId: 'user' } as const;

/** A token signed with the service's own key. @throws Error with one line for the operator */
async function createToken(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const config = loadConfig(env);
  if (config.jwksUrl !== undefined)
    throw new Error('JWKS_URL is set: tokens come from its issuer, those of the own key are refused.');
  const { values } = parseArgs({
    args,
    options: {
      tenant: { type: 'string' },
      group: { type: 'string' },
      user: { type: 'string' },
      role: { type: 'string', default: 'EndUser' },
      ttl: { type: 'string', default: '1h' },
    },
  });
  const { role } = values;
  if (!isRole(role)) throw new Error(`--role is "${role}"; allowed: ${ROLES.join(', ')}.`);
  for (const id of NAMED_BY[role])
    if (!values[OPTION_OF[id]]) throw new Error(`--${OPTION_OF[id]} is needed for ${role}: ${USAGE}`);
  const ttl = parseDuration(values.ttl);
  if (!ttl || ttl < 1_000 || ttl > MAX_TTL_MS)
    throw new Error(`--ttl is "${values.ttl}"; allowed: a duration from 1s to 366d, such as 1h.`);

  const { claims, issuer, audience } = tokenRules(config);
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({
    [claims.role]: role,
    ...(values.tenant && { [claims.tenantId]: values.tenant }),
    ...(values.group && { [claims.groupId]: values.group }),
    ...(values.user && { [claims.userId]: values.user }),
  })
    .setProtectedHeader({ alg: OWN_KEY_ALGORITHM, typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + Math.floor(ttl / 1_000))
    .sign(await ownKey(config.dataDir));
}

try {
  process.stdout.write(`${await createToken(process.argv.slice(2), process.env)}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  process.exitCode = 2;
}
