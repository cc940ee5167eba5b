import { readFileSync, writeFileSync } from 'node:fs';

const RATE = 8000;
/** Loudness below which a recording counts as silent. */
const AUDIBLE = 500;

/** Mono 16-bit PCM. */
export interface Recording {
  samples: Int16Array;
  rate: number;
}

/** Writes a sine of the frequency, 8 kHz mono. */
export function writeTone(path: string, frequency: number, seconds: number): void {
  const count = RATE * seconds;
  const data = Buffer.alloc(44 + count * 2);
  data.write('RIFF', 0);
  data.writeUInt32LE(36 + count * 2, 4);
  data.write('WAVEfmt ', 8);
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(1, 22);
  data.writeUInt32LE(RATE, 24);
  data.writeUInt32LE(RATE * 2, 28);
  data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34);
  data.write('data', 36);
  data.writeUInt32LE(count * 2, 40);
  for (let at = 0; at < count; at++) {
    data.writeInt16LE(Math.round(10_000 * Math.sin((2 * Math.PI * frequency * at) / RATE)), 44 + at * 2);
  }
  writeFileSync(path, data);
}

/** Reads a WAV file, also one whose writer has not finished its header. */
export function readWav(path: string): Recording {
  const data = readFileSync(path);
  const rate = data.readUInt32LE(24);
  const start = data.indexOf('data', 12, 'latin1') + 8;
  const samples = new Int16Array(Math.floor((data.length - start) / 2));
  for (let at = 0; at < samples.length; at++) samples[at] = data.readInt16LE(start + at * 2);
  return { samples, rate };
}

/** The part of the signal's power at the frequency, 0 to 1 (Goertzel). */
export function toneShare({ samples, rate }: Recording, frequency: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * frequency) / rate);
  let [before, last, power] = [0, 0, 0];
  for (const sample of samples) {
    const next = sample + factor * last - before;
    before = last;
    last = next;
    power += sample * sample;
  }
  if (power === 0) return 0;
  const atFrequency = last * last + before * before - factor * last * before;
  return (2 * atFrequency) / (samples.length * power);
}

/** A stretch of the recording, in milliseconds from its start; negative values count from its end. */
export function stretch({ samples, rate }: Recording, from = 0, to = Infinity): Recording {
  const length = (samples.length * 1000) / rate;
  const place = (ms: number) => Math.round((Math.min(ms < 0 ? length + ms : ms, length) * rate) / 1000);
  return { samples: samples.subarray(Math.max(0, place(from)), Math.max(0, place(to))), rate };
}

/** Which of the frequencies are in the recording, silence having none. */
export function tonesHeard(recording: Recording, frequencies: number[]): number[] {
  if (loudness(recording) < AUDIBLE) return [];
  return frequencies.filter((frequency) => toneShare(recording, frequency) > 0.2);
}

/**
 * Which of the frequencies are anywhere in the recording, 0 for a silent fifth of a second. The edges do not count. At a
 * seam a tone may cancel itself out, so a stretch may be loud and have none.
 */
export function tonesEver(recording: Recording, frequencies: number[]): number[] {
  const found = new Set<number>();
  const length = (recording.samples.length * 1000) / recording.rate;
  for (let from = 100; from + 300 <= length; from += 100) {
    const window = stretch(recording, from, from + 200);
    if (loudness(window) < AUDIBLE) found.add(0);
    for (const tone of tonesHeard(window, frequencies)) found.add(tone);
  }
  return [...found].toSorted((a, b) => a - b);
}

/** Loudness as root mean square, 0 to 32767. */
export function loudness({ samples }: Recording): number {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(power / samples.length);
}
