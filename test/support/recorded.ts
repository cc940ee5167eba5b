import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordingSidecar } from '../../src/media/recording/recording-sidecar.js';
import { readWav, type Recording } from './tones.js';
import { eventually } from './wait.js';

export function readSidecar(folder: string, recordingId: string): RecordingSidecar {
  return JSON.parse(readFileSync(join(folder, `${recordingId}.json`), 'utf8')) as RecordingSidecar;
}

/** The owner's side, and the other party's. */
export function readChannels(folder: string, recordingId: string): [left: Recording, right: Recording] {
  const { samples, rate } = readWav(join(folder, `${recordingId}.wav`));
  return [
    { samples: samples.filter((_, at) => at % 2 === 0), rate },
    { samples: samples.filter((_, at) => at % 2 === 1), rate },
  ];
}

/** A recording that is closed. */
export interface Recorded {
  about: RecordingSidecar;
  /** Whose the recording is. */
  owner: Recording;
  other: Recording;
  lengthMs: number;
  /** Of the file as it lies there. */
  sha256: string;
}

/** Resolves when the only recording of the call is closed. */
export async function closedRecording(folder: string, callId: string): Promise<Recorded> {
  let found: RecordingSidecar[] = [];
  const about = await eventually(
    () => {
      found = recordingsOf(folder, callId);
      return found.length === 1 && found[0]?.state === 'complete' ? found[0] : undefined;
    },
    () => `no closed recording of ${callId}, but ${JSON.stringify(found)}`,
  );
  const [owner, other] = readChannels(folder, about.recordingId);
  const sha256 = createHash('sha256')
    .update(readFileSync(join(folder, about.file)))
    .digest('hex');
  return { about, owner, other, lengthMs: (owner.samples.length * 1000) / owner.rate, sha256 };
}

/** With those under way. */
export function recordingsOf(folder: string, callId: string): RecordingSidecar[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readSidecar(folder, name.slice(0, -'.json'.length)))
    .filter(({ subject }) => subject.callId === callId);
}
