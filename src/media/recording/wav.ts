/** Frames per second: one 16-bit sample for each of the two channels. */
export const SAMPLE_RATE = 8_000;
export const FRAME_BYTES = 4;
export const WAV_HEADER_BYTES = 44;

const LARGEST = 0xffff_ffff;

/** Of a file of stereo 16-bit PCM with so many frames. */
export function wavHeader(frames: number): Buffer {
  const bytes = frames * FRAME_BYTES;
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(Math.min(WAV_HEADER_BYTES - 8 + bytes, LARGEST), 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(2, 22); // channels
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * FRAME_BYTES, 28);
  header.writeUInt16LE(FRAME_BYTES, 32);
  header.writeUInt16LE(16, 34); // bits of a sample
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(Math.min(bytes, LARGEST), 40);
  return header;
}

/** Whole frames in a file of so many bytes. */
export function framesIn(fileBytes: number): number {
  return Math.max(0, Math.floor((fileBytes - WAV_HEADER_BYTES) / FRAME_BYTES));
}

export function millisecondsOf(frames: number): number {
  return Math.round((frames * 1_000) / SAMPLE_RATE);
}
