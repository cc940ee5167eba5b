import { mkdir, readdir } from 'node:fs/promises';
import { RecordingFailed, type RecordingOrder } from '../media.js';
import { completeFile } from './complete-file.js';
import { newSidecar, readSidecar, type RecordingSidecar, writeSidecar } from './recording-sidecar.js';
import { RecordingWriter } from './recording-writer.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The folder of recordings: `<id>.wav` and `<id>.json` each, readable by the service's user alone. */
export class RecordingFiles {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Begins the recording, or carries on with what a former process left of it. @throws RecordingFailed */
  async open({ id, subject }: RecordingOrder, atMs: number): Promise<RecordingWriter> {
    if (!UUID.test(id)) throw new RecordingFailed('The id of a recording is a UUID');
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      const left = await readSidecar(this.folder, id);
      return left
        ? await RecordingWriter.carryOn(this.folder, left, atMs)
        : await RecordingWriter.begin(this.folder, newSidecar(id, subject, atMs));
    } catch (error) {
      throw new RecordingFailed(`The recording cannot be written: ${reasonOf(error)}`);
    }
  }

  /**
   * Completes what former processes left unfinished; what cannot be completed is listed as failed.
   * @param except recordings that are carried on with
   */
  async finishAbandoned(except: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    for (const name of names) {
      const id = name.endsWith('.json') ? name.slice(0, -'.json'.length) : '';
      if (!UUID.test(id) || except.has(id)) continue;
      const sidecar = await readSidecar(this.folder, id).catch(() => undefined);
      if (sidecar?.state === 'recording') await this.finish(sidecar);
    }
  }

  private async finish(sidecar: RecordingSidecar): Promise<void> {
    try {
      await completeFile(this.folder, sidecar);
    } catch {
      await writeSidecar(this.folder, { ...sidecar, state: 'failed' }).catch(() => undefined);
    }
  }
}

/** Without the path, which is nobody's business. */
export function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
