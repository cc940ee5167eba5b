import { Media } from './media.js';

/** The parties send their audio to each other; nothing passes here, and nothing can be recorded. */
export class DirectMedia extends Media {
  override readonly canRecord = false;
  override async start() {}
  override async stop() {}
  override async health() {
    return { nodes: 0, answering: 0 };
  }
  override async offer(_bridge: unknown, _from: unknown, sdp: string) {
    return sdp;
  }
  override async answer(_bridge: unknown, _from: unknown, sdp: string) {
    return sdp;
  }
  override async restore() {}
  override async close() {}
  override startRecording = noRecording;
  override pauseRecording = noRecording;
  override resumeRecording = noRecording;
  override async stopRecording() {}
  override async finishRecordings() {}
}

async function noRecording(): Promise<never> {
  throw new Error('Nothing passes here that could be recorded');
}
