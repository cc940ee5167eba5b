import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { endOfAudio, isoTime, type RecordingSidecar, writeSidecar } from './recording-sidecar.js';
import { FRAME_BYTES, framesIn, millisecondsOf, WAV_HEADER_BYTES, wavHeader } from './wav.js';

/** Repairs the file's header, hashes it and lists it as complete. @param endMs without it, when the audio ends */
export async function completeFile(folder: string, sidecar: RecordingSidecar, endMs?: number): Promise<void> {
  const file = await open(join(folder, sidecar.file), 'r+');
  try {
    const frames = framesIn((await file.stat()).size);
    const bytes = WAV_HEADER_BYTES + frames * FRAME_BYTES;
    await file.truncate(bytes);
    await file.write(wavHeader(frames), 0, WAV_HEADER_BYTES, 0);
    await file.datasync();
    const endedAt = isoTime(endMs ?? endOfAudio(sidecar, frames));
    const gaps = sidecar.gaps.map((gap) => ({ ...gap, to: gap.to ?? endedAt }));
    const sha256 = await hashOf(file);
    const durationMs = millisecondsOf(frames);
    await writeSidecar(folder, { ...sidecar, gaps, state: 'complete', endedAt, durationMs, bytes, sha256 });
  } finally {
    await file.close();
  }
}

async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}
