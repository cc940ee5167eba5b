import { VerifiedTokens } from '../../src/auth/jwt/verified-tokens.js';
import { InvalidToken, KeysUnavailable, TokenVerifier } from '../../src/auth/jwt/token-verifier.js';
import { AUDIENCE, ISSUER, type SigningKey, makeKey, sign } from './issuer.js';

const MINUTE = 60_000;
const START = 1_800_000_000_000;

describe('a verified token', () => {
  let key: SigningKey;
  beforeAll(async () => {
    key = await makeKey('EdDSA', 'k');
  });

  /** A verifier whose clock and keys the test holds. */
  function verifier() {
    const world = { now: START, keysKnown: true };
    const keys = () => {
      if (!world.keysKnown) throw new KeysUnavailable('away');
      return key.publicKey;
    };
    const claims = { tenantId: 'tenant', groupId: 'group', userId: 'sub', role: 'role' };
    const rules = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['EdDSA'], claims };
    return { world, verifier: new TokenVerifier(keys, rules, () => world.now) };
  }
  const token = (seconds: number) => sign(key, { exp: START / 1_000 + seconds });

  it('is known afterwards without a key, and not before', async () => {
    const { world, verifier: tokens } = verifier();
    const text = await token(3_600);
    expect(tokens.known(text)).toBeUndefined();
    const caller = await tokens.verify(text);
    expect(caller).toEqual({ role: 'EndUser', tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' });
    world.keysKnown = false;
    expect(tokens.known(text)).toEqual(caller);
    expect(tokens.known(`${text}x`)).toBeUndefined();
  });

  it('is forgotten at its expiry, to the millisecond', async () => {
    const { world, verifier: tokens } = verifier();
    const text = await token(10);
    await tokens.verify(text);
    world.now = START + 9_999;
    expect(tokens.known(text)).toBeDefined();
    world.now = START + 10_000;
    expect(tokens.known(text)).toBeUndefined();
    await expect(tokens.verify(text)).rejects.toThrow(new InvalidToken('The token has expired.'));
  });

  it('is verified anew after five minutes, so that a withdrawn key stops working', async () => {
    const { world, verifier: tokens } = verifier();
    const text = await token(3_600);
    await tokens.verify(text);
    world.now = START + 5 * MINUTE;
    expect(tokens.known(text)).toBeUndefined();
    world.keysKnown = false;
    await expect(tokens.verify(text)).rejects.toThrow(KeysUnavailable);
    world.keysKnown = true;
    await tokens.verify(text);
    expect(tokens.known(text)).toBeDefined();
  });

  it('is not known before its time has come', async () => {
    const { world, verifier: tokens } = verifier();
    const text = await sign(key, { nbf: START / 1_000 + 60, exp: START / 1_000 + 600 });
    await expect(tokens.verify(text)).rejects.toThrow(InvalidToken);
    expect(tokens.known(text)).toBeUndefined();
    world.now = START + MINUTE;
    await tokens.verify(text);
    expect(tokens.known(text)).toBeDefined();
  });

  it('that is refused is not remembered', async () => {
    const { verifier: tokens } = verifier();
    const text = await sign(key, { role: 'Emperor' });
    await expect(tokens.verify(text)).rejects.toThrow(InvalidToken);
    expect(tokens.known(text)).toBeUndefined();
  });
});

describe('the memory for verified tokens', () => {
  const caller = { role: 'SystemAdmin' } as const;

  it('is bounded', () => {
    const tokens = new VerifiedTokens(100);
    let largest = 0;
    for (let index = 0; index < 10_000; index += 1) {
      tokens.add(`token-${index}`, caller, Infinity);
      largest = Math.max(largest, tokens.size);
    }
    expect(largest).toBe(100);
    expect(tokens.get('token-0', 0)).toBeUndefined();
    expect(tokens.get('token-9999', 0)).toBe(caller);
  });

  it('does not take a token for another that ends in the same way', () => {
    const tokens = new VerifiedTokens(100);
    const signature = 's'.repeat(86);
    tokens.add(`head.claims.${signature}`, caller, Infinity);
    expect(tokens.get(`head.other.${signature}`, 0)).toBeUndefined();
    expect(tokens.get(`head.claims.${signature}`, 0)).toBe(caller);
  });

  it('keeps a token that is used while others come and go', () => {
    const tokens = new VerifiedTokens(100);
    tokens.add('used', caller, Infinity);
    for (let index = 0; index < 10_000; index += 1) {
      tokens.add(`token-${index}`, caller, Infinity);
      expect(tokens.get('used', 0)).toBe(caller);
    }
    expect(tokens.size).toBeLessThanOrEqual(100);
  });
});
