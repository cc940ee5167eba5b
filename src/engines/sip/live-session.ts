import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { aboutCall } from '../../calls/application/call-context.js';
import { EngineRefusal, type EngineStep, type StepRecorder } from '../../calls/application/call-engine.js';
import type { CallFact } from '../../calls/domain/call-fact.js';
import type { SipRequest } from '../../sip/message.js';
import type { ServerTransaction } from '../../sip/stack.js';
import type { Ringing } from './ringing.js';
import { everyone, type Leg, otherParty, type Party, type SessionState } from './session.js';

type SharedFactKind =
  'answered' | 'held' | 'reconnected' | 'remoteHeld' | 'remoteReconnected' | 'remoteRinging';

type ChangeKind =
  | 'command'
  | 'phone'
  | 'refresh'
  /** Another party takes its place: waits until whatever is under way is done. */
  | 'join';

const CONNECTED_CHECK_MS = 10;

const logger = new Logger('LiveSession');

/** A session in the process that serves it: its JSON, and what only lives while a SIP exchange is under way. */
export class LiveSession {
  /** Released; whatever is still under way must only tidy up. */
  over = false;
  /** Left to the next process: nothing is waited for here any more. */
  abandoned = false;
  /** The caller's INVITE while it has no final response. */
  incoming?: ServerTransaction | undefined;
  readonly ringing = new Map<Party, Ringing>();
  /** Legs whose 2xx waits for our ACK, with what to send if the session ends before. */
  readonly owedAcks = new Map<Leg, () => void>();
  /** Legs that have our 2xx but have not sent their ACK. */
  readonly awaitedAcks = new Map<Leg, (ack: SipRequest | undefined) => void>();
  /** Parties that have asked for a transfer on the phone, with what they are told when it has succeeded. */
  readonly referrers = new Map<Party, () => void>();
  /** A transfer or retrieve under way: one at a time. */
  replacing?: { kind: 'blind' | 'consultative' | 'retrieve'; done: Promise<unknown> } | undefined;
  /** Parties that were about to take a place, and will not. */
  readonly withdrawn = new Set<Party>();
  private change: { kind: ChangeKind; done: Promise<unknown> } | undefined;
  private lastRecorded: Promise<void> = Promise.resolve();

  constructor(
    readonly state: SessionState,
    private readonly recorder: StepRecorder,
  ) {}

  get parties(): Party[] {
    return [this.state.caller, this.state.callee];
  }

  get everyone(): Party[] {
    return everyone(this.state);
  }

  other(party: Party): Party {
    return otherParty(this.state, party);
  }

  /** Whatever is logged meanwhile is about this session, and about the call of the party where there is one. */
  about<T>(task: () => T, party = this.everyone.find(({ callId }) => callId)): T {
    return aboutCall({ callId: party?.callId, externalTrackingId: this.state.id }, task);
  }

  /** Stores the session as it is now, of which nobody has been told. @throws StoreUnavailable: it is to be let be */
  open(facts: CallFact[]): Promise<void> {
    return this.recorder.open(this.step(facts));
  }

  /**
   * Stores the session as it is now, with the facts; waits for a store that is away.
   * @param absorbed the session that has become part of this one
   */
  record(facts: CallFact[], absorbed?: string): Promise<void> {
    this.lastRecorded = this.recorder.record({
      ...this.step(facts),
      ...(absorbed !== undefined && { absorbed }),
    });
    return this.lastRecorded;
  }

  /** Resolves when all that was recorded so far is stored. */
  stored(): Promise<void> {
    return this.lastRecorded;
  }

  /** The store is so far behind that a phone should change nothing by choice. */
  get crowded(): boolean {
    return this.recorder.crowded(this.state.id);
  }

  /** `record` for those who cannot wait: a step that is not stored for good is logged. */
  recordSoon(facts: CallFact[]): void {
    this.record(facts).catch((error: unknown) => {
      this.about(() => logger.error(`Facts of session ${this.state.id} are not stored: ${String(error)}`));
    });
  }

  private step(facts: CallFact[]): EngineStep {
    return { sessionId: this.state.id, state: this.over ? null : JSON.stringify(this.state), facts };
  }

  /** Resolves when both parties are through; false: the session has ended instead, or there is no point any more. */
  async connected(pointless: () => boolean): Promise<boolean> {
    const gone = () => this.over || this.abandoned || pointless();
    while (!gone() && (!this.state.established || this.owedAcks.size > 0 || this.awaitedAcks.size > 0)) {
      await delay(CONNECTED_CHECK_MS);
    }
    return !gone();
  }

  abandon(): void {
    this.abandoned = true;
    for (const ringing of this.ringing.values()) ringing.abandon();
  }

  /**
   * A fact of the party's call, and its counterpart of the other party's call, where they have one. Who holds whom is
   * not told of a call between two devices: it is when the call is back on one.
   */
  facts(party: Party, kind: SharedFactKind, otherKind?: SharedFactKind): CallFact[] {
    const at = Date.now();
    const about = ({ callId, leg, detached }: Party, what: SharedFactKind): CallFact[] => {
      if (!callId || detached) return [];
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
  async exclusively<T>(kind: ChangeKind, task: () => Promise<T>): Promise<T> {
    const waits = (under: { kind: ChangeKind }) => kind === 'join' || under.kind === 'refresh';
    while (this.change && waits(this.change)) await this.change.done.catch(() => undefined);
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

  /** Runs a transfer or retrieve; one at a time. @throws EngineRefusal busy, consultationInProgress */
  async replace<T>(kind: NonNullable<LiveSession['replacing']>['kind'], task: () => Promise<T>): Promise<T> {
    this.refuseSecondReplacement(kind);
    const done = task();
    const replacing = { kind, done };
    this.replacing = replacing;
    try {
      return await done;
    } finally {
      if (this.replacing === replacing) this.replacing = undefined;
    }
  }

  refuseSecondReplacement(kind: NonNullable<LiveSession['replacing']>['kind']): void {
    if (!this.replacing) return;
    const twice = kind === 'consultative' && this.replacing.kind === 'consultative';
    throw new EngineRefusal(twice ? 'consultationInProgress' : 'busy');
  }
}
