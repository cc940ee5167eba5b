import { jest } from '@jest/globals';
import * as fc from 'fast-check';
import { SipParseError } from '../../src/sip/errors.js';
import { parseMessage } from '../../src/sip/parser.js';
import { serializeMessage } from '../../src/sip/serializer.js';
import { INVALID } from './fixtures/torture-invalid.js';
import { VALID } from './fixtures/torture-valid.js';
import { messages } from './sip-arbitraries.js';

// Other work on the machine may take most of its time.
jest.setTimeout(30_000);

/** Undefined when the bytes are a message, else the class of what was thrown. */
function refusalOf(data: Buffer): unknown {
  try {
    const message = parseMessage(data);
    // What was understood can be written again.
    serializeMessage(message);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.constructor : error;
  }
}

const samples = [...Object.values(VALID), ...Object.values(INVALID).map(({ data }) => data)];
/** Bytes that mean something to a parser. */
const telling = fc.constantFrom(...[...'\r\n \t;:,<>"\\@?=/[]%lvsm\0\xff'].map((char) => char.charCodeAt(0)));

const mutated = fc
  .record({
    sample: fc.oneof(fc.constantFrom(...samples), messages().map(serializeMessage)),
    edits: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        remove: fc.nat({ max: 4 }),
        insert: fc.array(fc.oneof(telling, fc.nat({ max: 255 })), { maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .map(({ sample, edits }) => {
    let data = sample;
    for (const { at, remove, insert } of edits) {
      const index = Math.floor(at * data.length);
      data = Buffer.concat([data.subarray(0, index), Buffer.from(insert), data.subarray(index + remove)]);
    }
    return data;
  });

describe('parser, for any input', () => {
  it('refuses arbitrary bytes with SipParseError alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect([undefined, SipParseError]).toContain(refusalOf(Buffer.from(bytes)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads or refuses mutated messages, and what it reads can be written', () => {
    fc.assert(
      fc.property(mutated, (data) => {
        expect([undefined, SipParseError]).toContain(refusalOf(data));
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads back every message that was written', () => {
    fc.assert(
      fc.property(messages(), (message) => {
        expect(parseMessage(serializeMessage(message))).toEqual(message);
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads its own output of a mutated message as the same message', () => {
    fc.assert(
      fc.property(mutated, (data) => {
        if (refusalOf(data) !== undefined) return;
        const message = parseMessage(data);
        expect(parseMessage(serializeMessage(message))).toEqual(message);
      }),
      { numRuns: 3_000 },
    );
  });
});
