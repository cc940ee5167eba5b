import { SignJWT } from 'jose';
import { OWN_KEY_ALGORITHM, OWN_NAME, ownKey } from '../../src/auth/jwt/own-key.js';

/** A token of the service's own key in the data folder. */
export async function ownToken(
  dataDir: string,
  { tenant, group, user }: { tenant: string; group: string; user: string },
): Promise<string> {
  return new SignJWT({ tenant, group })
    .setProtectedHeader({ alg: OWN_KEY_ALGORITHM })
    .setSubject(user)
    .setIssuer(OWN_NAME)
    .setAudience(OWN_NAME)
    .setExpirationTime('1h')
    .sign(await ownKey(dataDir));
}
