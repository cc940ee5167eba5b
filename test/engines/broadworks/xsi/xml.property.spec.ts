import { jest } from '@jest/globals';
import * as fc from 'fast-check';
import { XsiBadAnswer } from '../../../../src/engines/broadworks/xsi/errors.js';
import {
  parseDocument,
  XML_LIMITS,
  XmlStream,
  type XmlElement,
} from '../../../../src/engines/broadworks/xsi/xml.js';

// Other work on the machine may take most of its time.
jest.setTimeout(60_000);

const name = fc.constantFrom('call', 'x:Event', 'x:é', 'state');
/** What both encodings can hold, and what an XML document may hold. */
const letters = fc.string({ unit: fc.constantFrom(...'aé ÿ\u0080\n\r\t>]-?'), maxLength: 12 });
const emoji = fc.string({ unit: fc.constantFrom(...'aé€📞>'), maxLength: 8 });
/** Without `]`: two pieces beside each other must not make the end of a CDATA section. */
const escaped = (text: string): string => text.replaceAll(']', '').replaceAll('\r', '&#13;');

const content = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    text.map(escaped),
    text.map((each) => `<![CDATA[${each.replaceAll(']]>', '')}]]>`),
    text.map((each) => `<!--${each.replaceAll('-', '')}-->`),
    fc.constantFrom('&lt;', '&#x1F4DE;', '<?pi a > b?>', '\r\n'),
  );

function element(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc
      .record({
        tag: name,
        value: text,
        inside: fc.array(fc.oneof({ maxDepth: 3 }, content(text), tie('tree')), { maxLength: 4 }),
      })
      .map(({ tag, value, inside }) => {
        const start = `<${tag} a="${escaped(value)}" xmlns:x='u>v'`;
        return inside.length === 0 ? `${start}/>` : `${start}>${inside.join('')}</${tag}>`;
      }),
  }));
  return tree;
}

const document = fc.oneof(
  element(fc.oneof(letters, emoji)).map((text) => Buffer.from(text)),
  element(emoji).map((text) => Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`)),
  element(emoji).map((text) => Buffer.from(`\uFEFF<?xml version="1.0"?><!-- > -->${text}`)),
  element(letters).map((text) => Buffer.from(`<?xml version='1.0' encoding='ISO-8859-1'?>${text}`, 'latin1')),
);
const space = fc.constantFrom('', '\n', '\r\n\r\n', ' ');
const stream = fc.array(fc.record({ document, space }), { minLength: 1, maxLength: 4 });
const splits = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

function inPieces(bytes: Buffer, at: number[], read: (piece: Buffer) => void): void {
  const cuts = [...at.map((part) => Math.floor(part * bytes.length)), bytes.length].sort((a, b) => a - b);
  let start = 0;
  for (const cut of cuts) {
    read(bytes.subarray(start, cut));
    start = cut;
  }
}

describe('a stream of documents, for any input', () => {
  it('gives the same elements however it is split', () => {
    fc.assert(
      fc.property(stream, splits, (parts, at) => {
        const bytes = Buffer.concat(parts.flatMap((each) => [each.document, Buffer.from(each.space)]));
        const seen: XmlElement[] = [];
        const reader = new XmlStream(XML_LIMITS, (root) => seen.push(root));
        inPieces(bytes, at, (piece) => reader.push(piece));
        expect(seen).toEqual(parts.map((each) => parseDocument(each.document)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives the same elements one byte at a time', () => {
    fc.assert(
      fc.property(stream, (parts) => {
        const bytes = Buffer.concat(parts.flatMap((each) => [each.document, Buffer.from(each.space)]));
        const seen: XmlElement[] = [];
        const reader = new XmlStream(XML_LIMITS, (root) => seen.push(root));
        for (let at = 0; at < bytes.length; at++) reader.push(bytes.subarray(at, at + 1));
        expect(seen).toEqual(parts.map((each) => parseDocument(each.document)));
      }),
      { numRuns: 200 },
    );
  });

  const telling = fc.constantFrom(...[...'<>/!?[]&;:="\' \0\xff'].map((char) => char.charCodeAt(0)));
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    remove: fc.nat({ max: 4 }),
    insert: fc.array(fc.oneof(telling, fc.nat({ max: 255 })), { maxLength: 4 }),
  });

  it('reads or refuses mutated documents with XsiBadAnswer alone, however they are split', () => {
    fc.assert(
      fc.property(stream, fc.array(edit, { minLength: 1, maxLength: 6 }), splits, (parts, edits, at) => {
        let bytes = Buffer.concat(parts.map((each) => each.document));
        for (const { at: where, remove, insert } of edits) {
          const index = Math.floor(where * bytes.length);
          bytes = Buffer.concat([
            bytes.subarray(0, index),
            Buffer.from(insert),
            bytes.subarray(index + remove),
          ]);
        }
        const whole = outcome(bytes, []);
        expect([undefined, XsiBadAnswer]).toContain(whole.error);
        expect(outcome(bytes, at)).toEqual(whole);
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses arbitrary bytes with XsiBadAnswer alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => parseDocument(Buffer.from(bytes))).toThrow(XsiBadAnswer);
      }),
      { numRuns: 1_000 },
    );
  });
});

function outcome(bytes: Buffer, at: number[]): { seen: XmlElement[]; error: unknown } {
  const seen: XmlElement[] = [];
  const reader = new XmlStream(XML_LIMITS, (root) => seen.push(root));
  try {
    inPieces(bytes, at, (piece) => reader.push(piece));
    return { seen, error: undefined };
  } catch (error) {
    return { seen, error: error instanceof Error ? error.constructor : error };
  }
}
