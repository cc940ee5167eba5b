import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, type JWTPayload, SignJWT, exportJWK, generateKeyPair } from 'jose';

export const ISSUER = 'https://id.example.test';
export const AUDIENCE = 'calls';
export const FOOUSER = { tenant: 'foo', group: 'foogroup', sub: 'foouser' };

export interface SigningKey {
  alg: string;
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

export async function makeKey(alg: string, kid: string): Promise<SigningKey> {
  return { alg, kid, ...(await generateKeyPair(alg, { extractable: true })) };
}

export const now = () => Math.floor(Date.now() / 1_000);

/** A good token for foouser, but for what is changed; undefined removes a claim. */
export function sign(
  key: Pick<SigningKey, 'alg' | 'kid'> & { privateKey: CryptoKey | Uint8Array },
  changes: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const claims = { ...FOOUSER, role: 'EndUser', iss: ISSUER, aud: AUDIENCE, exp: now() + 600, ...changes };
  return new SignJWT(JSON.parse(JSON.stringify(claims)) as JWTPayload)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
    .sign(key.privateKey);
}

/** Serves the public keys as a JWKS on loopback. */
export async function startKeyServer(keys: SigningKey[]) {
  const state = { up: true };
  const published = await Promise.all(
    keys.map(async ({ alg, kid, publicKey }) => ({ ...(await exportJWK(publicKey)), alg, kid, use: 'sig' })),
  );
  const server = createServer((_, response) => {
    response.writeHead(state.up ? 200 : 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    state,
    close: () => new Promise((resolve) => void server.close(resolve)),
  };
}
