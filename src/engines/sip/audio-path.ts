import { Logger } from '@nestjs/common';
import { EngineRefusal } from '../../calls/application/call-engine.js';
import { type Media, MediaUnavailable } from '../../media/media.js';
import type { LiveSession } from './live-session.js';
import { type Party, sideOf } from './session.js';

/** Leads the audio of a session through the media port: what one party sends is translated for the other. */
export class AudioPath {
  private readonly logger = new Logger(AudioPath.name);

  constructor(private readonly media: Media) {}

  /** The party's offer as the other party is to see it. @throws EngineRefusal unavailable, callGone */
  offer(live: LiveSession, from: Party, sdp: string): Promise<string> {
    const { media } = live.state;
    return this.whileUp(live, () => this.media.offer(media, sideOf(live.state, from), sdp));
  }

  /** The party's answer as the other party is to see it. @throws EngineRefusal unavailable, callGone */
  answer(live: LiveSession, from: Party, sdp: string): Promise<string> {
    const { media } = live.state;
    return this.whileUp(live, () => this.media.answer(media, sideOf(live.state, from), sdp));
  }

  /** The audio flows as both parties last said. @throws EngineRefusal unavailable, callGone */
  restore(live: LiveSession): Promise<void> {
    const { caller, callee, media } = live.state;
    const sdp = { caller: caller.leg?.sdp.remote ?? '', callee: callee.leg?.sdp.remote ?? '' };
    return this.whileUp(live, () => this.media.restore(media, sdp));
  }

  /** Frees what the session has; its recordings are closed. */
  close({ state }: LiveSession): Promise<void> {
    return this.media.close(state.media);
  }

  /** What a session opens after its end nobody would close. */
  private async whileUp<T>(live: LiveSession, ask: () => Promise<T>): Promise<T> {
    if (live.over) throw new EngineRefusal('callGone');
    try {
      const answer = await ask();
      if (!live.over) return answer;
    } catch (error) {
      if (!(error instanceof MediaUnavailable)) throw error;
      // Where the media node is concerns no client.
      live.about(() => this.logger.warn(`No audio for session ${live.state.id}: ${error.message}`));
      throw new EngineRefusal('unavailable', undefined, { cause: error });
    }
    await this.close(live);
    throw new EngineRefusal('callGone');
  }
}
