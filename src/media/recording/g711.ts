const MU_LAW = table(fromMuLaw);
const A_LAW = table(fromALaw);

/** The 16-bit sample of each byte, for the payload types 0 (µ-law) and 8 (A-law) of RFC 3551; undefined for others. */
export function g711Samples(payloadType: number): Int16Array | undefined {
  if (payloadType === 0) return MU_LAW;
  return payloadType === 8 ? A_LAW : undefined;
}

function table(decode: (byte: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, byte) => decode(byte));
}

/** ITU-T G.711 table 2, scaled to 16 bits. */
function fromMuLaw(byte: number): number {
  const inverted = ~byte & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4);
  return inverted & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

/** ITU-T G.711 table 1, scaled to 16 bits. */
function fromALaw(byte: number): number {
  const even = byte ^ 0x55;
  const segment = (even & 0x70) >> 4;
  const step = ((even & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return even & 0x80 ? magnitude : -magnitude;
}
