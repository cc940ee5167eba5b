import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GapReason, RecordingSubject } from '../media.js';
import { millisecondsOf, SAMPLE_RATE } from './wav.js';

export interface RecordingGap {
  reason: GapReason;
  /** The place in the file where the stretch is missing. */
  atMs: number;
  /** ISO 8601, UTC. */
  from: string;
  /** Not there while the gap lasts. */
  to?: string;
}

/** What `<recording id>.json` says of `<recording id>.wav`. Times are ISO 8601, UTC. */
export interface RecordingSidecar {
  recordingId: string;
  subject: RecordingSubject;
  file: string;
  channels: { left: 'owner'; right: 'remoteParty' };
  sampleRate: number;
  startedAt: string;
  gaps: RecordingGap[];
  state: 'recording' | 'complete' | 'failed';
  endedAt?: string;
  durationMs?: number;
  bytes?: number;
  /** Of the whole file, hexadecimal. */
  sha256?: string;
}

export function newSidecar(recordingId: string, subject: RecordingSubject, atMs: number): RecordingSidecar {
  return {
    recordingId,
    subject,
    file: `${recordingId}.wav`,
    channels: { left: 'owner', right: 'remoteParty' },
    sampleRate: SAMPLE_RATE,
    startedAt: isoTime(atMs),
    gaps: [],
    state: 'recording',
  };
}

/** Undefined where there is none, or none that can be read. */
export async function readSidecar(
  folder: string,
  recordingId: string,
): Promise<RecordingSidecar | undefined> {
  try {
    return JSON.parse(await readFile(pathOf(folder, recordingId), 'utf8')) as RecordingSidecar;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces it as a whole. */
export async function writeSidecar(folder: string, sidecar: RecordingSidecar): Promise<void> {
  const path = pathOf(folder, sidecar.recordingId);
  await writeFile(`${path}.new`, textOf(sidecar), { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

/** Replaces it where it lies, which needs no room on a full disk. */
export async function overwriteSidecar(folder: string, sidecar: RecordingSidecar): Promise<void> {
  const path = pathOf(folder, sidecar.recordingId);
  const text = textOf(sidecar);
  await writeFile(path, text, { flag: 'r+' });
  await truncate(path, Buffer.byteLength(text));
  await rm(`${path}.new`, { force: true });
}

/** When the last of so many frames was heard. */
export function endOfAudio({ startedAt, gaps }: RecordingSidecar, frames: number): number {
  const gap = gaps.at(-1);
  if (!gap) return Date.parse(startedAt) + millisecondsOf(frames);
  return gap.to === undefined ? Date.parse(gap.from) : Date.parse(gap.to) + millisecondsOf(frames) - gap.atMs;
}

export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

function pathOf(folder: string, recordingId: string): string {
  return join(folder, `${recordingId}.json`);
}

function textOf(sidecar: RecordingSidecar): string {
  return `${JSON.stringify(sidecar, undefined, 2)}\n`;
}
