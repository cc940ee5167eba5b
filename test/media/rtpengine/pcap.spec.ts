import * as fc from 'fast-check';
import { type CapturedDatagram, PcapError, PcapReader } from '../../../src/media/rtpengine/pcap.js';
import { captureOf } from '../../support/pcap-file.js';

const written = (datagrams: CapturedDatagram[]) =>
  datagrams.map(({ atMs, payload }) => ({ atMs, payload: payload.toString() }));

const PACKETS = [
  { atMs: 1_767_323_045_678, payload: 'first' },
  { atMs: 1_767_323_045_698, payload: '' },
  { atMs: 1_767_323_045_718, payload: 'third' },
];

describe('a capture file', () => {
  it.each([
    ['raw', false],
    ['ethernet', false],
    ['raw', true],
  ] as const)('of link type %s is read (big-endian: %s)', (link, bigEndian) => {
    const [first, ...others] = new PcapReader().read(captureOf(PACKETS, link, bigEndian));
    expect(first).toEqual({
      atMs: 1_767_323_045_678,
      source: { address: '10.0.0.1', port: 4_000 },
      destination: { address: '10.0.0.2', port: 30_000 },
      payload: Buffer.from('first'),
    });
    expect(written(others)).toEqual(PACKETS.slice(1));
  });

  it('is read as it grows, wherever it is cut', () => {
    const file = captureOf(PACKETS);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: file.length }), { maxLength: 12 }), (cuts) => {
        const reader = new PcapReader();
        const places = [0, ...cuts.toSorted((a, b) => a - b), file.length];
        const pieces = places.slice(1).map((end, at) => file.subarray(places[at], end));
        expect(written(pieces.flatMap((piece) => reader.read(piece)))).toEqual(PACKETS);
      }),
    );
  });

  it('keeps what it has read though the piece is used again', () => {
    const file = captureOf(PACKETS);
    const piece = Buffer.alloc(file.length);
    const reader = new PcapReader();
    file.copy(piece, 0, 0, 60);
    reader.read(piece.subarray(0, 60));
    file.copy(piece, 0, 60);
    expect(written(reader.read(piece.subarray(0, file.length - 60)))).toEqual(PACKETS);
  });

  it('leaves out what is no UDP over IPv4', () => {
    const file = captureOf(PACKETS);
    // Version 6, TCP, and a header longer than the packet.
    const [version, protocol, length] = [40, 40 + 33 + 16 + 9, 40 + 33 + 44];
    file[version] = 0x65;
    file[protocol] = 6;
    file[length + 16] = 0x4f;
    expect(new PcapReader().read(file)).toEqual([]);
  });

  it.each([
    ['another magic number', 0, 0x0a0d0d0a],
    ['another link type', 20, 113],
    ['a record without end', 32, 0xffff_ffff],
  ])('is refused for %s', (_, at, value) => {
    const file = captureOf(PACKETS);
    file.writeUInt32LE(value, at);
    expect(() => new PcapReader().read(file)).toThrow(PcapError);
  });

  it('is refused or read, whatever its bytes', () => {
    const edits = fc.array(fc.record({ at: fc.nat({ max: 200 }), byte: fc.nat({ max: 255 }) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(edits, (all) => {
        const file = captureOf(PACKETS);
        for (const { at, byte } of all) if (at < file.length) file[at] = byte;
        try {
          new PcapReader().read(file);
        } catch (error) {
          if (!(error instanceof PcapError)) throw error;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
