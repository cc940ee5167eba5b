/** ITU-T G.711 µ-law of 16-bit samples. */
export function toMuLaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32_635) + 0x84;
  const segment = Math.floor(Math.log2(magnitude)) - 7;
  const code = (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f);
  return ~(sample < 0 ? code | 0x80 : code) & 0xff;
}

/** ITU-T G.711 A-law of 16-bit samples. */
export function toALaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32_767) >> 4;
  const segment = magnitude < 32 ? (magnitude < 16 ? 0 : 1) : Math.floor(Math.log2(magnitude)) - 3;
  const code = (segment << 4) | ((segment < 2 ? magnitude : magnitude >> (segment - 1)) & 0x0f);
  return (sample >= 0 ? code | 0x80 : code) ^ 0x55;
}
