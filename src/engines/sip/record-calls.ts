import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { EngineRefusal } from '../../calls/application/call-engine.js';
import { KeyedQueue } from '../../calls/application/keyed-queue.js';
import type { RecordingFact } from '../../calls/domain/call-fact.js';
import { type GapReason, type Media, MediaUnavailable, RecordingFailed } from '../../media/media.js';
import type { LiveSession } from './live-session.js';
import { type Party, type PartyRecording, sideOf } from './session.js';
import type { Sessions } from './sessions.js';

/**
 * Recordings of the parties' calls. What is asked for and what is written are two things: while nobody talks a
 * recording waits to begin (`Pending`), or leaves the time out.
 */
export class RecordCalls {
  private readonly logger = new Logger(RecordCalls.name);
  private readonly bySession = new KeyedQueue();

  constructor(
    private readonly media: Media,
    private readonly sessions: Sessions,
  ) {
    media.onRecordingFailed = (sessionId, recordingId, reason) => {
      this.failed(sessionId, recordingId, reason);
    };
  }

  /** @throws EngineRefusal recordingDisabled, recordingFailed */
  start(live: LiveSession, party: Party): Promise<void> {
    return this.inTurn(live, async () => {
      if (party.recording) return;
      if (!this.media.canRecord) throw new EngineRefusal('recordingDisabled');
      party.recording = newRecording();
      if (talking(live)) return this.begin(live, party, party.recording);
      return this.note(live, party, 'recordingPending');
    });
  }

  pause(live: LiveSession, party: Party): Promise<void> {
    return this.inTurn(live, async () => {
      const { recording } = party;
      if (recording?.state !== 'started') return;
      if (!recording.cut) await this.cutOut(live, party, recording, 'paused');
      recording.state = 'paused';
      delete recording.cut;
      this.note(live, party, 'recordingPaused');
    });
  }

  resume(live: LiveSession, party: Party): Promise<void> {
    return this.inTurn(live, async () => {
      const { recording } = party;
      if (recording?.state !== 'paused') return;
      if (talking(live)) await this.write(live, party, recording);
      else recording.cut = true;
      recording.state = 'started';
      this.note(live, party, 'recordingResumed');
    });
  }

  /** The recording of a party that has left, if there is one. */
  close(live: LiveSession, party: Party): void {
    this.stop(live, party).catch((error: unknown) => {
      live.about(() => this.logger.error(`A recording is not closed: ${String(error)}`), party);
    });
  }

  /** Also where there is none; never fails but for the store. */
  stop(live: LiveSession, party: Party): Promise<void> {
    return this.inTurn(live, async () => {
      const { recording } = party;
      if (!recording) return;
      delete party.recording;
      if (!recording.unopened) await this.media.stopRecording(live.state.media, recording.id);
      if (party.callId) this.note(live, party, 'recordingStopped');
    });
  }

  /** After the parties have begun or ceased to talk: begins what waits for it, leaves out what nobody says. */
  follow(live: LiveSession): Promise<void> {
    return this.inTurn(live, async () => {
      // At once, or the later one would end later than they ceased to talk.
      const each = live.parties.map(async (party) => {
        await this.followOne(live, party).catch((error: unknown) => {
          live.about(() => this.logger.warn(`Recording of ${party.callId}: ${String(error)}`), party);
        });
      });
      await Promise.all(each);
    });
  }

  /** Carries on what a former process recorded. */
  async carryOn(live: LiveSession): Promise<void> {
    for (const party of live.parties) {
      const { recording } = party;
      if (!recording || recording.unopened) continue;
      const begun = this.ask(live, party, () =>
        this.media.startRecording(live.state.media, this.orderFor(live, party, recording)),
      );
      await begun
        .then(async () => {
          if (recording.cut) await this.cutOut(live, party, recording, 'held');
          else if (recording.state === 'paused') await this.cutOut(live, party, recording, 'paused');
        })
        .catch(() => undefined);
    }
  }

  /** Closes what a former process left and nobody carries on. */
  finishOthers(): Promise<void> {
    const carriedOn = [...this.sessions.all()].flatMap(({ parties }) =>
      parties.flatMap(({ recording }) => recording?.id ?? []),
    );
    return this.media.finishRecordings(new Set(carriedOn));
  }

  /** Its party talks in another session from now on: the rest of the call is a recording of its own. */
  async move(from: LiveSession, party: Party): Promise<void> {
    const { recording } = party;
    if (!recording) return;
    if (!recording.unopened) await this.media.stopRecording(from.state.media, recording.id);
    party.recording = { ...newRecording(), state: recording.state, cut: recording.state === 'started' };
  }

  private async followOne(live: LiveSession, party: Party): Promise<void> {
    if (!party.callId || live.over) return;
    if (party.recordsAlways && !party.recording && this.media.canRecord) {
      delete party.recordsAlways;
      party.recording = newRecording();
    }
    const { recording } = party;
    if (!recording) return;
    if (recording.state === 'pending') {
      if (talking(live)) await this.begin(live, party, recording);
      return;
    }
    if (recording.state === 'paused' || talking(live) === !recording.cut) return;
    if (recording.cut) await this.write(live, party, recording);
    else {
      await this.cutOut(live, party, recording, 'held');
      recording.cut = true;
    }
    live.recordSoon([]);
  }

  private async begin(live: LiveSession, party: Party, recording: PartyRecording): Promise<void> {
    await this.write(live, party, recording);
    recording.state = 'started';
    this.note(live, party, 'recordingStarted');
  }

  private async write(live: LiveSession, party: Party, recording: PartyRecording): Promise<void> {
    const { media } = live.state;
    await this.ask(live, party, () =>
      recording.unopened
        ? this.media.startRecording(media, this.orderFor(live, party, recording))
        : this.media.resumeRecording(media, recording.id),
    );
    delete recording.unopened;
    delete recording.cut;
  }

  private cutOut(live: LiveSession, party: Party, { id }: PartyRecording, why: GapReason): Promise<void> {
    return this.ask(live, party, () => this.media.pauseRecording(live.state.media, id, why));
  }

  private orderFor(live: LiveSession, party: Party, { id }: PartyRecording) {
    const { callId, user } = party;
    if (!callId || !user) throw new EngineRefusal('callGone');
    const subject = { callId, externalTrackingId: live.state.id, owner: user };
    return { id, owner: sideOf(live.state, party), subject };
  }

  /** A recording that fails is over; the call goes on. @throws EngineRefusal recordingFailed */
  private async ask(live: LiveSession, party: Party, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof RecordingFailed || error instanceof MediaUnavailable)) throw error;
      live.about(() => this.logger.warn(`Recording of ${party.callId} has failed: ${error.message}`), party);
      delete party.recording;
      this.note(live, party, 'recordingFailed');
      throw new EngineRefusal('recordingFailed');
    }
  }

  private failed(sessionId: string, recordingId: string, reason: string): void {
    const live = this.sessions.get(sessionId);
    const party = live?.parties.find(({ recording }) => recording?.id === recordingId);
    if (!live || !party) return;
    live.about(() => this.logger.warn(`Recording of ${party.callId} has failed: ${reason}`), party);
    delete party.recording;
    if (!live.over) this.note(live, party, 'recordingFailed');
  }

  /** A recording does not wait for the store. @throws EngineRefusal callGone */
  private note(live: LiveSession, { callId }: Party, kind: RecordingFact['kind']): void {
    if (live.over || !callId) throw new EngineRefusal('callGone');
    live.recordSoon([{ kind, callId, at: Date.now() }]);
  }

  private inTurn(live: LiveSession, task: () => Promise<void>): Promise<void> {
    return this.bySession.run([live.state.id], task);
  }
}

function newRecording(): PartyRecording {
  return { id: randomUUID(), state: 'pending', unopened: true };
}

/** Both are through, and neither has put the other on hold. */
function talking({ state }: LiveSession): boolean {
  const { established, caller, callee } = state;
  return established && [caller, callee].every(({ leg, hold }) => leg && !hold);
}
