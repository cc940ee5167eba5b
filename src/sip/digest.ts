import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SipRequest } from './message.js';
import { parseParams, splitList, type Params } from './params.js';

/** Strongest first (RFC 8760 §2.4). */
const ALGORITHMS = { 'SHA-256': 'sha256', MD5: 'md5' } as const;
export type DigestAlgorithm = keyof typeof ALGORITHMS;

/** Nonces whose counts are remembered; the oldest are forgotten, and their nonces then count as stale. */
const MAX_NONCES = 20_000;

export type DigestVerdict = 'ok' | 'stale' | 'wrong';

/** Server side of digest authentication (RFC 7616, RFC 8760) with `qop=auth`. */
export class DigestAuthenticator {
  /** Highest nonce count of each nonce that was used. */
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly options: {
      realm: string;
      /** Key of the nonces; replicas that share it accept each other's. */
      secret: string;
      nonceTtlMs: number;
      /** Offered and accepted, the preferred one first. Some phones fail on any challenge that they do not know. */
      algorithms: DigestAlgorithm[];
      now?: () => number;
    },
  ) {}

  /** Values of WWW-Authenticate. @param stale the credentials were right, their nonce too old */
  challenges(stale = false): string[] {
    const nonce = this.newNonce();
    return this.options.algorithms.map(
      (algorithm) =>
        `Digest realm="${this.options.realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}`,
    );
  }

  /** Checks the value of Authorization. A nonce count may be used once; a nonce expires. */
  verify(request: SipRequest, authorization: string, password: string): DigestVerdict {
    const given = credentialsOf(authorization);
    if (!given || given.realm !== this.options.realm || given.qop !== 'auth') return 'wrong';
    const algorithm = algorithmOf(given.algorithm);
    const { username, nonce, uri, nc, cnonce, response } = given;
    if (!algorithm || !this.options.algorithms.includes(algorithm)) return 'wrong';
    if (!nonce || !uri || !nc || !cnonce || !response || !/^[0-9a-f]{8}$/i.test(nc)) return 'wrong';
    const expected = digestResponse(
      { ...given, algorithm, username, nonce, uri, nc, cnonce },
      request.method,
      password,
    );
    if (!equal(expected, response.toLowerCase())) return 'wrong';
    if (!this.isOwnNonce(nonce) || !this.isNewCount(nonce, Number.parseInt(nc, 16))) return 'stale';
    return 'ok';
  }

  private newNonce(): string {
    const time = this.now().toString(36);
    const random = randomBytes(9).toString('base64url');
    return `${time}.${random}.${this.seal(time, random)}`;
  }

  private isOwnNonce(nonce: string): boolean {
    const [time = '', random = '', seal = ''] = nonce.split('.');
    if (!equal(seal, this.seal(time, random))) return false;
    return this.now() - Number.parseInt(time, 36) <= this.options.nonceTtlMs;
  }

  private isNewCount(nonce: string, count: number): boolean {
    const last = this.counts.get(nonce);
    if (last !== undefined && count <= last) return false;
    if (last === undefined && this.counts.size >= MAX_NONCES) {
      const oldest = this.counts.keys().next().value;
      if (oldest !== undefined) this.counts.delete(oldest);
    }
    this.counts.set(nonce, count);
    return true;
  }

  private seal(time: string, random: string): string {
    const { realm, secret } = this.options;
    return createHmac('sha256', secret)
      .update(`${realm}\0${time}\0${random}`)
      .digest('base64url')
      .slice(0, 22);
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}

export interface DigestCredentials {
  username: string;
  realm: string;
  nonce?: string;
  uri?: string;
  response?: string;
  algorithm?: string;
  qop?: string;
  nc?: string;
  cnonce?: string;
  opaque?: string;
}

/** The parameters of a Digest credential or challenge; undefined when it is none. */
export function credentialsOf(value: string): DigestCredentials | undefined {
  const params = digestParams(value);
  if (!params) return undefined;
  const text = (name: string) => (typeof params[name] === 'string' ? (params[name] as string) : undefined);
  const optional = Object.fromEntries(
    ['nonce', 'uri', 'response', 'algorithm', 'qop', 'nc', 'cnonce', 'opaque'].flatMap((name) => {
      const found = text(name);
      return found === undefined ? [] : [[name, found]];
    }),
  );
  return { username: text('username') ?? '', realm: text('realm') ?? '', ...optional };
}

/** Client side: answers the strongest challenge that it understands. @throws Error when there is none */
export function authorize(given: {
  challenges: string[];
  method: string;
  uri: string;
  username: string;
  password: string;
}): { value: string } {
  const known = given.challenges.flatMap((text) => credentialsOf(text) ?? []);
  for (const wanted of Object.keys(ALGORITHMS) as DigestAlgorithm[]) {
    const challenge = known.find(({ algorithm }) => algorithmOf(algorithm) === wanted);
    if (!challenge?.nonce) continue;
    const { realm, nonce, opaque } = challenge;
    const fields = {
      username: given.username,
      realm,
      nonce,
      uri: given.uri,
      algorithm: wanted,
      nc: '00000001',
      cnonce: randomBytes(8).toString('hex'),
    };
    const response = digestResponse(fields, given.method, given.password);
    const rest = opaque === undefined ? '' : `, opaque="${opaque}"`;
    return {
      value:
        `Digest username="${fields.username}", realm="${realm}", nonce="${nonce}", uri="${fields.uri}", ` +
        `response="${response}", algorithm=${wanted}, qop=auth, nc=${fields.nc}, cnonce="${fields.cnonce}"${rest}`,
    };
  }
  throw new Error('No digest challenge with SHA-256 or MD5');
}

function digestResponse(
  fields: {
    username: string;
    realm: string;
    nonce: string;
    uri: string;
    algorithm: DigestAlgorithm;
    nc: string;
    cnonce: string;
  },
  method: string,
  password: string,
): string {
  const hash = (text: string) => createHash(ALGORITHMS[fields.algorithm]).update(text).digest('hex');
  const identity = hash(`${fields.username}:${fields.realm}:${password}`);
  const request = hash(`${method}:${fields.uri}`);
  return hash(`${identity}:${fields.nonce}:${fields.nc}:${fields.cnonce}:auth:${request}`);
}

function algorithmOf(name: string | undefined): DigestAlgorithm | undefined {
  if (name === undefined) return 'MD5';
  const upper = name.toUpperCase();
  return upper in ALGORITHMS ? (upper as DigestAlgorithm) : undefined;
}

function digestParams(value: string): Params | undefined {
  if (!/^digest\s/i.test(value)) return undefined;
  try {
    return parseParams(`;${splitList(value.slice(7)).join(';')}`, 0);
  } catch {
    return undefined;
  }
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
