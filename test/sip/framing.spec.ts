import { jest } from '@jest/globals';
import * as fc from 'fast-check';
import { SipParseError } from '../../src/sip/errors.js';
import { StreamFraming } from '../../src/sip/framing.js';
import { LIMITS } from '../../src/sip/limits.js';
import { serializeMessage } from '../../src/sip/serializer.js';
import { messages } from './sip-arbitraries.js';

// Other work on the machine may take most of its time.
jest.setTimeout(30_000);

const OPTIONS = 'OPTIONS sip:a@b SIP/2.0\r\nSubject: a\r\n';
const whole = (body: string) =>
  Buffer.from(`${OPTIONS}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);

describe('framing of a stream', () => {
  it('yields the messages that were sent, however they are cut, and skips keep-alives', () => {
    const sent = fc.array(
      fc.record({ message: messages().map(serializeMessage), keepAlives: fc.nat({ max: 2 }) }),
      { minLength: 1, maxLength: 5 },
    );
    const sizes = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 400 })), { minLength: 1 });
    fc.assert(
      fc.property(sent, sizes, (parts, cuts) => {
        const stream = Buffer.concat(
          parts.flatMap(({ message, keepAlives }) => [message, Buffer.from('\r\n\r\n'.repeat(keepAlives))]),
        );
        const framing = new StreamFraming();
        const received: Buffer[] = [];
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const size = cuts[cut % cuts.length] ?? 1;
          // A copy, as a socket gives: what was yielded must not depend on it.
          received.push(...framing.push(Buffer.from(stream.subarray(at, at + size))));
          at += size;
        }
        expect(received.map(String)).toEqual(parts.map(({ message }) => String(message)));
        expect(framing.pending).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  it('keeps what it yielded unchanged by what comes later', () => {
    const framing = new StreamFraming();
    const stream = Buffer.concat([whole('first'), whole('second'), whole('third')]);
    const received = [stream.subarray(0, 30), stream.subarray(30, 100), stream.subarray(100)].flatMap(
      (chunk) => framing.push(Buffer.from(chunk)),
    );
    expect(received.map(String)).toEqual(['first', 'second', 'third'].map((body) => String(whole(body))));
  });

  it('counts the length in bytes, takes its compact form and white space around it', () => {
    const framing = new StreamFraming();
    const data = Buffer.from(`${OPTIONS}l \t:  2 \r\n\r\né`);
    expect(framing.push(data).map(String)).toEqual([String(data)]);
  });

  it('takes no other header for Content-Length', () => {
    const head = `${OPTIONS}Content-Length-X: 9\r\nX-Content-Length: 9\r\nlx: 9\r\nX: a\r\n Content-Length: 9\r\n`;
    const data = Buffer.from(`${head}Content-Length: 1\r\n\r\n!`);
    expect(new StreamFraming().push(data).map(String)).toEqual([String(data)]);
  });

  it.each([
    ['missing', '', /is missing/],
    ['words', 'Content-Length: abc\r\n', /is malformed/],
    ['negative', 'Content-Length: -1\r\n', /is malformed/],
    ['empty', 'Content-Length:\r\n', /is malformed/],
    ['folded', 'Content-Length:\r\n 1\r\n', /is malformed/],
    ['hexadecimal', 'Content-Length: 0x1\r\n', /is malformed/],
    ['followed by a carriage return', 'Content-Length: 1\r2\r\n', /is malformed/],
    ['huge', 'Content-Length: 99999999999999999999\r\n', /is malformed/],
    ['above the limit', 'Content-Length: 65536\r\n', /larger than 65535 bytes/],
    ['two different ones', 'Content-Length: 1\r\nl: 2\r\n', /stands twice/],
    ['twice the same', 'Content-Length: 1\r\nl: 1\r\n', /stands twice/],
  ])('refuses the stream when Content-Length is %s', (_what, header, reason) => {
    const framing = new StreamFraming();
    const push = () => framing.push(Buffer.from(`${OPTIONS}${header}\r\n`));
    expect(push).toThrow(SipParseError);
    expect(push).toThrow(reason);
  });
});

/** How many bytes were taken before the stream was refused, and the most that was kept for it. */
function flood(head: string, filler: string, chunk: number): { taken: number; reserved: number } {
  const framing = new StreamFraming();
  const data = Buffer.from(filler.repeat(Math.ceil(chunk / filler.length)).slice(0, chunk));
  let taken = 0;
  let reserved = 0;
  try {
    framing.push(Buffer.from(head));
    while (taken < 100 * LIMITS.message) {
      framing.push(Buffer.from(data));
      taken += data.length;
      reserved = Math.max(reserved, framing.reserved);
    }
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
  }
  return { taken, reserved };
}

describe('a peer that never finishes', () => {
  it.each([
    ['a header without end', `${OPTIONS}X: `, 'y', 1],
    ['a header without end, in large chunks', `${OPTIONS}X: `, 'y', 16_384],
    ['headers without end', OPTIONS, 'a: b\r\n', 6],
    ['line feeds', OPTIONS, '\n', 1],
    ['carriage returns', '', '\r', 1],
  ])('%s is cut off at the limit of the header block', (_what, head, filler, chunk) => {
    const { taken, reserved } = flood(head, filler, chunk);
    expect(taken).toBeLessThanOrEqual(LIMITS.headerBlock);
    expect(reserved).toBeLessThanOrEqual(2 * (LIMITS.headerBlock + chunk));
  });

  it('a body that does not come keeps no more than what came', () => {
    const framing = new StreamFraming();
    framing.push(Buffer.from(`${OPTIONS}Content-Length: 60000\r\n\r\nx`));
    expect(framing.reserved).toBeLessThan(1_000);
  });

  it('keep-alives alone keep nothing', () => {
    const { taken, reserved } = flood('', '\r\n', 1_002);
    expect(taken).toBeGreaterThan(LIMITS.message);
    expect(reserved).toBeLessThan(4_000);
  });

  it('a chunk of which a part is left is not kept whole', () => {
    const framing = new StreamFraming();
    const body = 'x'.repeat(60_000);
    expect(framing.push(Buffer.concat([whole(body), Buffer.from('OPT')]))).toHaveLength(1);
    expect(framing.pending).toBe(3);
    expect(framing.reserved).toBeLessThan(1_000);
  });
});
