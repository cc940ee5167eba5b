import type { Call, Endpoint, RemoteParty } from '../../calls/domain/call.js';
import type { CallBegan, CallFact } from '../../calls/domain/call-fact.js';
import { applyFact, beginCall } from '../../calls/domain/call-lifecycle.js';
import type { User } from '../../directory/domain/user.js';
import { endOf } from './causes.js';
import { RECORDING_WAYS, STATE_WAYS, type StateFactKind } from './ways.js';
import type { SeenCall } from './xsi/seen-call.js';

/** What there is to say of a seen call that the switch does not say, or not in our words. */
export interface Sight {
  owner: Pick<User, 'ref' | 'recordingMode'>;
  /** Undefined where the switch tells nobody: the stored one stays. */
  remoteParty?: RemoteParty | undefined;
  /** Where the switch names no device. */
  endpoint: Endpoint;
  /** Milliseconds since 1970: the time of what the switch gives no time of. */
  now: number;
}

/**
 * What has happened to the stored call that it is as it is seen now: each fact applies after the ones before it, and
 * after the last the call agrees. Empty where it agrees already, and where the table knows no way: a released call
 * never rises again, and an answered one never rings again.
 * @param stored undefined: the call is not known yet
 */
export function factsToward(stored: Call | undefined, seen: SeenCall, sight: Sight): CallFact[] {
  if (seen.state === 'Idle' || stored?.state === 'Released') return [];
  const way = new Way(stored, seen, sight);
  if (seen.state === 'Released') way.release();
  else if (stored || !isRedirected(seen)) way.lead();
  return way.facts;
}

/** It has left the user before an answer, for voice mail or another number; here a call detaches only once answered. */
function isRedirected({ state, answerTime }: SeenCall): boolean {
  return state === 'Detached' && answerTime === undefined;
}

const BEGAN = {
  'Click-to-Dial': 'dialed',
  Originator: 'originated',
  Terminator: 'received',
} as const satisfies Record<SeenCall['personality'], CallBegan['kind']>;

/** The facts so far, and the call after them. */
class Way {
  readonly facts: CallFact[] = [];
  private call: Call | undefined;

  constructor(
    stored: Call | undefined,
    private readonly seen: SeenCall,
    private readonly sight: Sight,
  ) {
    this.call = stored;
  }

  lead(): void {
    const call = this.call ?? this.begin();
    if (this.hasMoved(call)) this.transfer();
    this.leadState();
    this.leadRecording();
  }

  /** A call of which nothing was told before its end has been all the same. */
  release(): void {
    const call = this.call ?? this.begin();
    if (this.seen.answerTime !== undefined && call.answerTime === undefined) this.answer();
    this.add({ kind: 'released', ...this.common, ...endOf(this.seen) });
  }

  private begin(): Call {
    const { seen, sight } = this;
    const { addressOfRecord, appearance } = seen;
    const fact: CallBegan = {
      kind: BEGAN[seen.personality],
      ...this.common,
      at: seen.startTime ?? sight.now,
      owner: sight.owner.ref,
      externalTrackingId: seen.externalTrackingId,
      remoteParty: sight.remoteParty ?? { address: 'anonymous', callType: 'Unknown' },
      endpoint: addressOfRecord === undefined ? sight.endpoint : { addressOfRecord },
      recordingMode: sight.owner.recordingMode,
      ...(appearance !== undefined && { appearance }),
    };
    this.facts.push(fact);
    return (this.call = beginCall(fact, 1));
  }

  /** Whoever answers in the place of the called party comes with the answer. */
  private hasMoved(call: Call): boolean {
    if (this.seen.externalTrackingId !== call.externalTrackingId) return true;
    const { remoteParty } = this.sight;
    if (!remoteParty || remoteParty.address === call.remoteParty.address) return false;
    return !this.stateWay().includes('answered');
  }

  private transfer(): void {
    const { externalTrackingId } = this.seen;
    const { call } = this;
    if (!call) return;
    this.add({
      kind: 'transferred',
      ...this.common,
      remoteParty: this.sight.remoteParty ?? call.remoteParty,
      ...(externalTrackingId !== call.externalTrackingId && { externalTrackingId }),
    });
  }

  private leadState(): void {
    if (this.seen.state === 'Alerting') this.deviceHasAnswered();
    for (const kind of this.stateWay()) {
      if (kind === 'answered') this.answer();
      else this.add({ kind, ...this.common, at: this.timeOf(kind) });
    }
  }

  /** Under the same ids a click-to-dial becomes the call of an originator: the called party rings from then on. */
  private deviceHasAnswered(): void {
    if (this.seen.personality !== 'Originator' || this.call?.personality !== 'Click-to-Dial') return;
    this.add({ kind: 'deviceAnswered', ...this.common, ...this.endpoint });
  }

  private answer(): void {
    const { remoteParty } = this.sight;
    const before = this.call?.remoteParty;
    const other = remoteParty?.address !== before?.address || remoteParty?.callType !== before?.callType;
    this.add({
      kind: 'answered',
      ...this.common,
      at: this.seen.answerTime ?? this.sight.now,
      ...this.endpoint,
      ...(remoteParty && other && { remoteParty }),
    });
  }

  private leadRecording(): void {
    const { call, seen } = this;
    if (!call) return;
    const missed = seen.recorded && !call.recorded && call.recordingState !== 'Failed';
    const from = missed ? 'Started' : (call.recordingState ?? 'None');
    const way = RECORDING_WAYS[seen.recordingState ?? 'None'][from] ?? [];
    for (const kind of missed ? (['recordingStarted', ...way] as const) : way)
      this.add({ kind, ...this.common });
  }

  private stateWay(): StateFactKind[] {
    const { state } = this.seen;
    if (!this.call || (isRedirected(this.seen) && this.call.answerTime === undefined)) return [];
    return state in STATE_WAYS ? (STATE_WAYS[state as keyof typeof STATE_WAYS][this.call.state] ?? []) : [];
  }

  private timeOf(kind: StateFactKind): number {
    return (kind === 'held' ? this.seen.heldTime : undefined) ?? this.sight.now;
  }

  private get common(): { callId: string; at: number } {
    return { callId: this.seen.callId, at: this.sight.now };
  }

  private get endpoint(): { endpoint?: Endpoint } {
    const { addressOfRecord } = this.seen;
    return addressOfRecord === undefined ? {} : { endpoint: { addressOfRecord } };
  }

  /** What the table does not list has not happened. */
  private add(fact: CallFact): void {
    const next = this.call && applyFact(this.call, fact);
    if (!next) return;
    this.call = next;
    this.facts.push(fact);
  }
}
