import { hash } from 'node:crypto';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bearerToken } from '../auth/jwt/jwt.strategy.js';
import { HttpProblem } from './problems.js';

export interface RateLimit {
  requests: number;
  perMilliseconds: number;
}

/** Tokens and addresses that are counted at the same time; those seen longest ago are forgotten first. */
const MOST_COUNTED = 10_000;
/** Asked by probes and scrapers, which must not be kept from it. */
const WATCHED = /^\/(?:health\/|metrics(?:$|\?))/;

/**
 * Each token may ask so often, and so may each address with requests that have no valid token: guessing is bounded,
 * and whoever guesses takes nothing from those who have a token. Told in RateLimit headers.
 * @param known an object that stands for the token, while it is one that was verified lately
 */
export async function limitRate(
  fastify: FastifyInstance,
  { requests, perMilliseconds }: RateLimit,
  known: (token: string) => object | undefined,
): Promise<void> {
  const keys = new WeakMap<object, string>();
  const keyOf = ({ headers, ip }: FastifyRequest): string => {
    const token = bearerToken(headers.authorization);
    const verified = token === undefined ? undefined : known(token);
    if (token === undefined || verified === undefined) return normalizeIP(ip);
    let key = keys.get(verified);
    if (key === undefined) keys.set(verified, (key = keyOfToken(token)));
    return key;
  };
  await fastify.register(rateLimit, {
    global: false,
    max: requests,
    timeWindow: perMilliseconds,
    cache: MOST_COUNTED,
    enableDraftSpec: true,
    keyGenerator: keyOf,
    errorResponseBuilder: () => new HttpProblem('tooManyRequests'),
  });
  const limit = fastify.rateLimit();
  fastify.addHook('onRequest', async function (request, reply) {
    return WATCHED.test(request.url) ? undefined : limit.call(this, request, reply);
  });
}

/** Of what is signed: of the signature there may be several forms. */
function keyOfToken(token: string): string {
  return hash('sha256', token.slice(0, token.lastIndexOf('.')), 'base64');
}
