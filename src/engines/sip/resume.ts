import { Logger } from '@nestjs/common';
import type { StepRecorder } from '../../calls/application/call-engine.js';
import type { StoredSession } from '../../calls/application/call-repository.js';
import type { Call } from '../../calls/domain/call.js';
import { skipAhead } from '../../sip/dialog.js';
import type { SipStack } from '../../sip/sip-stack.js';
import type { AudioPath } from './audio-path.js';
import type { HangUp } from './hang-up.js';
import { LiveSession } from './live-session.js';
import type { RecordCalls } from './record-calls.js';
import type { ReplaceParty } from './transfers/replace-party.js';
import type { Party, SessionState } from './session.js';
import type { Sessions } from './sessions.js';

/**
 * How far CSeq and SDP versions jump when a process takes a session up: what was sent after the last store is not
 * known, and both may have gaps (RFC 3261 §12.2.1.1, RFC 4566 §5.2). See docs/adr/0003-gaps-at-take-over.md.
 */
const GAP = 1000;
/** Soon after a restart each leg is asked whether its phone still has the call; spread so that they do not come at once. */
const VERIFY_AFTER_MS = 2_000;
const VERIFY_SPREAD_MS = 20_000;

/** Takes up the sessions that a former process left: established ones go on, the others end. */
export class Resume {
  private readonly logger = new Logger(Resume.name);

  constructor(
    private readonly stack: SipStack,
    private readonly sessions: Sessions,
    private readonly hangUp: HangUp,
    private readonly replaceParty: ReplaceParty,
    private readonly audio: AudioPath,
    private readonly recordings: RecordCalls,
    private readonly recorder: StepRecorder,
  ) {}

  async run(found: { calls: Call[]; sessions: StoredSession[] }): Promise<void> {
    const known = new Set(found.sessions.map(({ sessionId }) => sessionId));
    for (const { state } of found.sessions) await this.takeUp(JSON.parse(state) as SessionState);
    await this.recordings.finishOthers();
    for (const call of found.calls) {
      if (!known.has(call.externalTrackingId)) await this.endOrphan(call);
    }
  }

  private async takeUp(state: SessionState): Promise<void> {
    const live = new LiveSession(state, this.recorder);
    const { joining } = state;
    const legs = [...live.everyone.flatMap(({ leg }) => leg ?? []), ...(state.leaving ?? [])];
    for (const leg of legs) {
      skipAhead(leg.dialog, GAP);
      leg.sdp.version += GAP;
      const later = VERIFY_AFTER_MS + Math.random() * VERIFY_SPREAD_MS;
      const verifyAt = Date.now() + (state.untold ? 0 : later);
      leg.timer = { expiresAt: Number.MAX_SAFE_INTEGER, ...leg.timer, refreshAt: verifyAt };
    }
    for (const party of live.everyone) this.cancelInvites(party);
    for (const leg of state.leaving ?? []) this.hangUp.closeLeg(live, { leg });
    delete state.leaving;
    const waitsForNobody = live.parties.some(({ leg }) => !leg);
    if (!state.established || waitsForNobody) return this.hangUp.end(live, { cause: 'serviceRestart' });
    this.sessions.add(live);
    if (joining) {
      const ended = { cause: 'serviceRestart', by: 'system' } as const;
      await this.replaceParty.callOff(live, state[joining.side], joining.party, ended);
    }
    await this.audio.restore(live).catch((error: unknown) => {
      live.about(() => this.logger.warn(`Session ${state.id} has no audio: ${String(error)}`));
    });
    await this.recordings.carryOn(live);
  }

  private cancelInvites(party: Party): void {
    for (const invite of party.invites) {
      const cancel = {
        uri: invite.uri,
        from: { uri: invite.fromUri, params: { tag: invite.localTag } },
        to: { uri: invite.toUri, params: {} },
        callId: invite.callId,
        cseq: invite.cseq,
      };
      this.stack.cancelStored(cancel, invite.branch, invite.target);
    }
  }

  private endOrphan(call: Call): Promise<void> {
    return this.recorder.record({
      sessionId: call.externalTrackingId,
      facts: [
        { kind: 'released', callId: call.callId, at: Date.now(), cause: 'serviceRestart', by: 'system' },
      ],
    });
  }
}
