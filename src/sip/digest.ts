import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SipRequest } from './message.js';
import { parseParams, quote, splitList, type Params } from './params.js';
import { isSameAddress } from './uri.js';

/** Strongest first (RFC 8760 §2.4). */
const ALGORITHMS = { 'SHA-256': 'sha256', MD5: 'md5' } as const;
export type DigestAlgorithm = keyof typeof ALGORITHMS;
const STRONGEST_FIRST = Object.keys(ALGORITHMS) as DigestAlgorithm[];

/** Nonces whose counts are remembered. */
const MAX_NONCES = 20_000;

export type DigestVerdict = 'ok' | 'stale' | 'wrong';

/**
 * Server side of digest authentication (RFC 7616, RFC 8760) with `qop=auth`. Nonces carry their time and a seal, so
 * that nothing is kept for a challenge. Counts of nonces that were used are kept for at most `maxNonces`; when one is
 * forgotten, it and every other nonce of its time or earlier count as stale, so that forgetting never lets a replay
 * in. Another process with the same secret knows nothing of these counts: within the nonce's lifetime a request could
 * be replayed to it once.
 */
export class DigestAuthenticator {
  /** Highest count of each nonce that was used, in order of first use. */
  private readonly counts = new Map<string, number>();
  /** Unknown nonces of this time or earlier may have been used and forgotten. */
  private forgottenUntil = -Infinity;

  constructor(
    private readonly options: {
      realm: string;
      /** Key of the nonces; replicas that share it accept each other's. */
      secret: string;
      nonceTtlMs: number;
      now?: () => number;
      /** Offered and accepted, the preferred one first. Default: all. */
      algorithms?: readonly DigestAlgorithm[];
      /** Default 20,000. */
      maxNonces?: number;
    },
  ) {}

  /**
   * Values of WWW-Authenticate.
   * @param stale the credentials were right, their nonce too old
   * @param algorithms to offer; default: those of the options. Some phones (baresip 1.0.0) give up when any challenge is not MD5, whatever the order.
   */
  challenges(stale = false, algorithms: readonly DigestAlgorithm[] = this.algorithms): string[] {
    const nonce = this.newNonce();
    return algorithms.map(
      (algorithm) =>
        `Digest realm=${quote(this.options.realm)}, nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}`,
    );
  }

  /**
   * Checks the value of Authorization. A nonce expires, and its count must grow from request to request. The `uri`
   * must name the user and host of the request URI; port and parameters may differ, since some phones leave them out.
   */
  verify(request: SipRequest, authorization: string, password: string): DigestVerdict {
    const given = credentialsOf(authorization);
    if (!given || given.realm !== this.options.realm || given.qop?.toLowerCase() !== 'auth') return 'wrong';
    const algorithm = algorithmOf(given.algorithm);
    const { username, nonce, uri, nc, cnonce, response } = given;
    if (!algorithm || !this.algorithms.includes(algorithm)) return 'wrong';
    if (!username || !nonce || !uri || !nc || !cnonce || !response) return 'wrong';
    const count = /^[0-9a-f]{8}$/i.test(nc) ? Number.parseInt(nc, 16) : 0;
    if (count === 0 || !isSameAddress(uri, request.uri)) return 'wrong';
    const expected = digestResponse(
      { algorithm, username, realm: given.realm, nonce, uri, qop: { nc, cnonce } },
      request.method,
      password,
    );
    if (!equal(expected, response.toLowerCase())) return 'wrong';
    const issuedAt = this.timeOf(nonce);
    return issuedAt !== undefined && this.isNewCount(nonce, issuedAt, count) ? 'ok' : 'stale';
  }

  private get algorithms(): readonly DigestAlgorithm[] {
    return this.options.algorithms ?? STRONGEST_FIRST;
  }

  private newNonce(): string {
    const time = this.now().toString(36);
    const random = randomBytes(9).toString('base64url');
    return `${time}.${random}.${this.seal(time, random)}`;
  }

  /** When the nonce was issued; undefined when it is not an own one, or too old. */
  private timeOf(nonce: string): number | undefined {
    const [time = '', random = '', seal = '', more] = nonce.split('.', 4);
    if (more !== undefined || !equal(seal, this.seal(time, random))) return undefined;
    const issuedAt = Number.parseInt(time, 36);
    return this.now() - issuedAt <= this.options.nonceTtlMs ? issuedAt : undefined;
  }

  private isNewCount(nonce: string, issuedAt: number, count: number): boolean {
    const last = this.counts.get(nonce);
    if (last === undefined ? issuedAt <= this.forgottenUntil : count <= last) return false;
    if (last === undefined && this.counts.size >= (this.options.maxNonces ?? MAX_NONCES)) this.forgetOldest();
    this.counts.set(nonce, count);
    return true;
  }

  private forgetOldest(): void {
    const oldest = this.counts.keys().next().value;
    if (oldest === undefined) return;
    this.counts.delete(oldest);
    this.forgottenUntil = Math.max(this.forgottenUntil, Number.parseInt(oldest, 36));
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

/**
 * Client side: answers the strongest challenge that it understands, with `qop=auth` or, where the challenge knows no
 * qop, as RFC 2069 did. @throws Error when there is none
 */
export function authorize(given: {
  challenges: string[];
  method: string;
  uri: string;
  username: string;
  password: string;
  /** Random by default. */
  cnonce?: string;
}): { value: string } {
  const known = given.challenges.flatMap((text) => credentialsOf(text) ?? []);
  for (const wanted of STRONGEST_FIRST) {
    const challenge = known.find(
      ({ algorithm, nonce, qop }) => algorithmOf(algorithm) === wanted && nonce && (!qop || offersAuth(qop)),
    );
    if (!challenge?.nonce) continue;
    const { realm, nonce, opaque } = challenge;
    const { username, uri } = given;
    const qop = challenge.qop
      ? { nc: '00000001', cnonce: given.cnonce ?? randomBytes(8).toString('hex') }
      : undefined;
    const response = digestResponse(
      { algorithm: wanted, username, realm, nonce, uri, qop },
      given.method,
      given.password,
    );
    return {
      value:
        `Digest username=${quote(username)}, realm=${quote(realm)}, nonce=${quote(nonce)}, uri=${quote(uri)}, ` +
        `response="${response}", algorithm=${wanted}` +
        (qop ? `, qop=auth, nc=${qop.nc}, cnonce=${quote(qop.cnonce)}` : '') +
        (opaque === undefined ? '' : `, opaque=${quote(opaque)}`),
    };
  }
  throw new Error('No digest challenge with SHA-256 or MD5');
}

function offersAuth(qop: string): boolean {
  return qop.split(',').some((each) => each.trim().toLowerCase() === 'auth');
}

function digestResponse(
  fields: {
    algorithm: DigestAlgorithm;
    username: string;
    realm: string;
    nonce: string;
    uri: string;
    /** Undefined where the challenge has no qop. */
    qop: { nc: string; cnonce: string } | undefined;
  },
  method: string,
  password: string,
): string {
  const hash = (text: string) => createHash(ALGORITHMS[fields.algorithm]).update(text).digest('hex');
  const identity = hash(`${fields.username}:${fields.realm}:${password}`);
  const request = hash(`${method}:${fields.uri}`);
  const { nonce, qop } = fields;
  return hash(
    qop ? `${identity}:${nonce}:${qop.nc}:${qop.cnonce}:auth:${request}` : `${identity}:${nonce}:${request}`,
  );
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
