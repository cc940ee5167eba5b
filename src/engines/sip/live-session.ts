import { Logger } from '@nestjs/common';
import { EngineRefusal, type StepRecorder } from '../../calls/application/call-engine.js';
import type { CallFact } from '../../calls/domain/call-fact.js';
import type { SipRequest } from '../../sip/message.js';
import type { ServerTransaction } from '../../sip/stack.js';
import type { Ringing } from './ringing.js';
import { type Leg, otherParty, type Party, type SessionState } from './session.js';

type SharedFactKind =
  'answered' | 'held' | 'reconnected' | 'remoteHeld' | 'remoteReconnected' | 'remoteRinging';

const logger = new Logger('LiveSession');

/** A session in the process that serves it: its JSON, and what only lives while a SIP exchange is under way. */
export class LiveSession {
  /** Released; whatever is still under way must only tidy up. */
  over = false;
  /** The caller's INVITE while it has no final response. */
  incoming?: ServerTransaction | undefined;
  readonly ringing = new Map<Party, Ringing>();
  /** Legs whose 2xx waits for our ACK, with what to send if the session ends before. */
  readonly owedAcks = new Map<Leg, () => void>();
  /** Legs that have our 2xx but have not sent their ACK. */
  readonly awaitedAcks = new Map<Leg, (ack: SipRequest | undefined) => void>();
  private change: { kind: 'command' | 'phone' | 'refresh'; done: Promise<unknown> } | undefined;

  constructor(
    readonly state: SessionState,
    private readonly recorder: StepRecorder,
  ) {}

  get parties(): Party[] {
    return [this.state.caller, this.state.callee];
  }

  other(party: Party): Party {
    return otherParty(this.state, party);
  }

  /** Stores the session as it is now, with the facts. */
  record(facts: CallFact[]): Promise<void> {
    const state = this.over ? null : JSON.stringify(this.state);
    return this.recorder.record({ sessionId: this.state.id, state, facts });
  }

  /** `record` for those who cannot wait: a store that does not take the facts is logged. */
  recordSoon(facts: CallFact[]): void {
    this.record(facts).catch((error: unknown) => {
      logger.error(`Facts of session ${this.state.id} are not stored: ${String(error)}`);
    });
  }

  /** A fact of the party's call, and its counterpart of the other party's call, where they have one. */
  facts(party: Party, kind: SharedFactKind, otherKind?: SharedFactKind): CallFact[] {
    const at = Date.now();
    const about = ({ callId, leg }: Party, what: SharedFactKind): CallFact[] => {
      if (!callId) return [];
      const endpoint = leg?.addressOfRecord && { addressOfRecord: leg.addressOfRecord };
      return [
        what === 'answered' && endpoint ? { kind: what, callId, at, endpoint } : { kind: what, callId, at },
      ];
    };
    return [...about(party, kind), ...(otherKind ? about(this.other(party), otherKind) : [])];
  }

  get changing(): boolean {
    return this.change !== undefined;
  }

  /**
   * Runs a change of the media session; one at a time, since an offer must be answered before the next (RFC 3264 §4).
   * @throws EngineRefusal busy while another command or a change by a phone is under way; a refresh is waited for
   */
  async exclusively<T>(kind: 'command' | 'phone' | 'refresh', task: () => Promise<T>): Promise<T> {
    while (this.change?.kind === 'refresh') await this.change.done.catch(() => undefined);
    if (this.change) throw new EngineRefusal('busy');
    const done = task();
    const change = { kind, done };
    this.change = change;
    try {
      return await done;
    } finally {
      if (this.change === change) this.change = undefined;
    }
  }
}
