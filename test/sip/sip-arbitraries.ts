import * as fc from 'fast-check';
import type { NameAddr, SipMessage, SipRequest, SipResponse, Via } from '../../src/sip/message.js';
import { sipUri } from '../../src/sip/uri.js';

const TOKEN = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"];
const WORD = [...'abcdefghijklmnopqrstuvwxyz0123456789'];

const word = fc.string({ unit: fc.constantFrom(...WORD), minLength: 1, maxLength: 12 });
const token = fc.string({ unit: fc.constantFrom(...TOKEN), minLength: 1, maxLength: 20 });
const lowerToken = token.map((text) => text.toLowerCase());
const method = fc.oneof(
  fc.constantFrom('INVITE', 'REGISTER', 'BYE', 'OPTIONS', 'REFER', 'UPDATE'),
  fc.string({ unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'), minLength: 1, maxLength: 12 }),
);
/** Text without line breaks, NUL and white space at the ends. */
export const freeText = fc
  .string({ unit: 'binary', maxLength: 40 })
  .map((text) => text.replace(/[\r\n\0]/g, ' ').trim());

/** Whether values are held to what the oracle of the differential test understands. */
export interface Breadth {
  simple: boolean;
}

function host({ simple }: Breadth) {
  const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
  if (simple) return fc.oneof(name, fc.ipV4());
  return fc.oneof(
    name,
    fc.ipV4(),
    fc.ipV6().map((address) => `[${address}]`),
  );
}

const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });

function uri(breadth: Breadth) {
  const user = breadth.simple ? word : fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
  const sip = fc
    .record({ user: fc.option(user, { nil: undefined }), host: host(breadth), port, tcp: fc.boolean() })
    .map(({ user: name, host: at, port: number, tcp }) =>
      sipUri(name, at, number, tcp ? { transport: 'tcp', lr: true } : {}),
    );
  return breadth.simple
    ? sip
    : fc.oneof(
        sip,
        word.map((number) => `tel:+${number}`),
      );
}

function params(breadth: Breadth) {
  const value = breadth.simple ? word : fc.oneof(token, freeText, fc.constant<true>(true));
  return fc.dictionary(breadth.simple ? word : lowerToken, value, { maxKeys: 4 });
}

function nameAddr(breadth: Breadth): fc.Arbitrary<NameAddr> {
  const name = breadth.simple ? word : freeText;
  return fc
    .record({
      displayName: fc.option(name, { nil: undefined }),
      uri: uri(breadth),
      params: params(breadth),
      tag: fc.option(word, { nil: undefined }),
    })
    .map(({ displayName, uri: address, params: others, tag }) => ({
      ...(displayName && { displayName }),
      uri: address,
      params: { ...others, ...(tag !== undefined && { tag }) },
    }));
}

function via(breadth: Breadth): fc.Arbitrary<Via> {
  return fc
    .record({
      transport: fc.constantFrom('UDP', 'TCP', 'TLS'),
      host: host(breadth),
      port,
      params: params(breadth),
      branch: word,
    })
    .map(({ transport, host: at, port: number, params: others, branch }) => {
      const all = { ...others, branch: `z9hG4bK${branch}` };
      delete (all as { rport?: unknown }).rport;
      return { transport, host: at, ...(number !== undefined && { port: number }), params: all };
    });
}

const OWN = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'content-length']);
const SPECIAL =
  /^(?:[a-z]|contact|route|record-route|allow|supported|require|proxy-require|unsupported|max-forwards|content-type|expires|min-expires|session-expires|min-se|refer-to|referred-by|replaces|rack|rseq)$/;

function headers(breadth: Breadth): fc.Arbitrary<Record<string, string[]>> {
  const others = fc
    .dictionary(
      // The oracle mistakes a header named like a property of every object, and lists it does not know.
      breadth.simple ? word.map((name) => `x-${name}`) : lowerToken,
      fc.array(breadth.simple ? word : freeText, { minLength: 1, maxLength: 3 }),
      {
        maxKeys: 6,
      },
    )
    .map((all) =>
      Object.fromEntries(Object.entries(all).filter(([name]) => !SPECIAL.test(name) && !OWN.has(name))),
    );
  return fc
    .record({
      others,
      contact: uri(breadth).map((address) => [`<${address}>;expires=3600`]),
      'max-forwards': fc.constant<string[]>(['70']),
      supported: fc.array(word, { minLength: 1, maxLength: 4 }),
    })
    .map(({ others: more, ...known }) => ({ ...more, ...known }));
}

export function messages(breadth: Breadth = { simple: false }): fc.Arbitrary<SipMessage> {
  const base = {
    vias: fc.array(via(breadth), { minLength: 1, maxLength: 4 }),
    from: nameAddr(breadth),
    to: nameAddr(breadth),
    callId: breadth.simple ? word : token,
    headers: headers(breadth),
    body: fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme', maxLength: 200 })),
  };
  const number = fc.integer({ min: 0, max: 2 ** 31 - 1 });
  const request = fc
    .record({ ...base, method, uri: uri(breadth), number })
    .map(({ number: cseq, ...rest }): SipRequest => ({
      kind: 'request',
      ...rest,
      cseq: { number: cseq, method: rest.method },
    }));
  const response = fc
    .record({
      ...base,
      method,
      number,
      status: fc.integer({ min: 100, max: 699 }),
      reason: breadth.simple ? word : freeText,
    })
    .map(({ number: cseq, method: of, ...rest }): SipResponse => ({
      kind: 'response',
      ...rest,
      cseq: { number: cseq, method: of },
    }));
  return fc.oneof(request, response);
}
