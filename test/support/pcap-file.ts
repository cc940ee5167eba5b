interface Written {
  atMs: number;
  payload: string;
}

const LINKS = { raw: 101, ethernet: 1 };

/** As rtpengine writes it: from 10.0.0.1:4000 to 10.0.0.2:30000. */
export function captureOf(packets: Written[], link: keyof typeof LINKS = 'raw', bigEndian = false): Buffer {
  const words = (...values: number[]) => {
    const buffer = Buffer.alloc(4 * values.length);
    for (const [at, value] of values.entries()) {
      if (bigEndian) buffer.writeUInt32BE(value, 4 * at);
      else buffer.writeUInt32LE(value, 4 * at);
    }
    return buffer;
  };
  // The version, 2.4, is two halves of a word.
  const version = bigEndian ? 0x0002_0004 : 0x0004_0002;
  const parts = [words(0xa1b2c3d4, version, 0, 0, 65_535, LINKS[link])];
  for (const { atMs, payload } of packets) {
    const packet = Buffer.concat([
      Buffer.alloc(link === 'ethernet' ? 14 : 0),
      Buffer.from([0x45, 0, 0, 28 + payload.length, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]),
      Buffer.from([0x0f, 0xa0, 0x75, 0x30, 0, 8 + payload.length, 0, 0]),
      Buffer.from(payload),
    ]);
    parts.push(words(Math.floor(atMs / 1_000), (atMs % 1_000) * 1_000, packet.length, packet.length), packet);
  }
  return Buffer.concat(parts);
}
