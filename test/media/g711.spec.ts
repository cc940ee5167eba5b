import { g711Samples } from '../../src/media/recording/g711.js';
import { toALaw, toMuLaw } from '../support/g711-encode.js';

describe('G.711', () => {
  it.each([
    ['µ-law', 0, 0xff, 0],
    ['µ-law', 0, 0x80, 32_124],
    ['µ-law', 0, 0x00, -32_124],
    ['A-law', 8, 0xd5, 8],
    ['A-law', 8, 0xaa, 32_256],
    ['A-law', 8, 0x2a, -32_256],
  ])('%s (payload type %i) of 0x%x is %i', (_law, payloadType, byte, sample) => {
    expect(g711Samples(payloadType)?.[byte]).toBe(sample);
  });

  it.each([
    ['µ-law', 0, toMuLaw],
    ['A-law', 8, toALaw],
  ])('%s gives back what was encoded, as exactly as it can', (_law, payloadType, encode) => {
    for (let sample = -32_000; sample <= 32_000; sample += 7) {
      const decoded = g711Samples(payloadType)![encode(sample)]!;
      expect(Math.abs(decoded - sample)).toBeLessThanOrEqual(16 + Math.abs(sample) / 16);
    }
  });

  it('knows no other payload type, such as telephone events', () => {
    expect(g711Samples(101)).toBeUndefined();
    expect(g711Samples(9)).toBeUndefined();
  });
});
