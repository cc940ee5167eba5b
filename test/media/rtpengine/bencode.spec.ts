import * as fc from 'fast-check';
import { bdecode, bencode, type Bencoded, BencodeError } from '../../../src/media/rtpengine/bencode.js';

const decoded = (text: string) => bdecode(Buffer.from(text, 'latin1'));

const values = fc.letrec<{ value: Bencoded }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger(),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
  ),
})).value;

describe('bencode', () => {
  it('gives back every value that went in', () => {
    fc.assert(fc.property(values, (value) => expect(bdecode(bencode(value))).toEqual(value)));
  });

  it('is what rtpengine speaks', () => {
    const request = { command: 'offer', 'call-id': 'a1', flags: ['strict-source'], 'delete-delay': 0 };
    expect(bencode(request).toString()).toBe(
      'd7:call-id2:a17:command5:offer12:delete-delayi0e5:flagsl13:strict-sourceee',
    );
    expect(bencode('Zoë').toString('latin1')).toBe('4:Zo\xc3\xab');
    expect(decoded('d6:result2:ok6:totalsd3:RTPd7:packetsi12eeee')).toEqual({
      result: 'ok',
      totals: { RTP: { packets: 12 } },
    });
  });

  it('takes no number that it could not give back', () => {
    for (const number of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      expect(() => bencode(number)).toThrow(BencodeError);
  });

  it.each([
    '',
    'x',
    'i1',
    'ie',
    'i-e',
    'i01e',
    'i-0e',
    'i1.5e',
    'i99999999999999999999e',
    'i9007199254740993e',
    '5:abcd',
    '-1:a',
    '01:a',
    '9999999:a',
    'l',
    'li1e',
    'd',
    'd1:a',
    'd1:ae',
    'di1ei2ee',
    'd1:ai1e1:ai2ee',
    'e',
    'i1ei2e',
    '1:ab',
    'l'.repeat(1_000) + 'e'.repeat(1_000),
    'd1:a'.repeat(10_000),
  ])('refuses what is none: %.40s', (text) => {
    expect(() => decoded(text)).toThrow(BencodeError);
  });

  it('refuses or understands any bytes, and never fails otherwise', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .array(fc.constantFrom(...'dlie0123456789:-ab'), { maxLength: 40 })
        .map((all) => Buffer.from(all.join(''))),
    );
    fc.assert(
      fc.property(bytes, (data) => {
        try {
          const value = bdecode(Buffer.from(data));
          expect(bdecode(bencode(value))).toEqual(value);
        } catch (error) {
          if (!(error instanceof BencodeError)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps a key that means something to JavaScript as any other', () => {
    const value = decoded('d9:__proto__d1:ai1eee');
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
});
