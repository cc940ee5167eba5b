import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Address6 } from 'ip-address';
import { bearerToken } from '../auth/jwt/jwt.strategy.js';
import { HttpProblem } from './problems.js';
import { RequestCounts } from './request-counts.js';

export interface RateLimit {
  requests: number;
  perMilliseconds: number;
}

/** Tokens and addresses that are counted at the same time; those seen longest ago are forgotten first. */
const MOST_COUNTED = 10_000;
/** In a network of IPv6 as small as this a client chooses its address as it likes. */
const NETWORK_BITS = 64;

/**
 * Each token may ask so often, and so may each address with requests that have no valid token: guessing is bounded,
 * and whoever guesses takes nothing from those who have a token. Told in RateLimit headers. Nothing is waited for: the
 * counts are those of this process (docs/adr/0016).
 * @param known an object that stands for the token, while it is one that was verified lately
 */
export function limitRate(
  fastify: FastifyInstance,
  { requests: most, perMilliseconds }: RateLimit,
  known: (token: string) => object | undefined,
): void {
  const counts = new RequestCounts(perMilliseconds, MOST_COUNTED);
  const keys = new WeakMap<object, string>();
  const keyOf = (request: FastifyRequest): string => {
    const token = bearerToken(request.headers.authorization);
    const verified = token === undefined ? undefined : known(token);
    if (token === undefined || verified === undefined) return networkOf(request.ip);
    let key = keys.get(verified);
    if (key === undefined) keys.set(verified, (key = keyOfToken(token)));
    return key;
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.watched) return done();
    const now = performance.now();
    const { requests, endsAt } = counts.add(keyOf(request), now);
    const seconds = Math.ceil((endsAt - now) / 1_000);
    reply
      .header('ratelimit-limit', most)
      .header('ratelimit-remaining', Math.max(0, most - requests))
      .header('ratelimit-reset', seconds);
    if (requests <= most) return done();
    reply.header('retry-after', seconds);
    done(new HttpProblem('tooManyRequests'));
  });
}

/** Of what is signed: of the signature there may be several forms. */
function keyOfToken(token: string): string {
  return hash('sha256', token.slice(0, token.lastIndexOf('.')), 'base64');
}

function networkOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const address = new Address6(ip);
  return address.isMapped4()
    ? address.to4().correctForm()
    : new Address6(`${ip}/${NETWORK_BITS}`).startAddress().correctForm();
}
