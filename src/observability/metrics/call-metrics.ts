import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CallChange } from '../../calls/application/call-repository.js';
import { type Call, type CallState, RELEASE_CAUSES, type RecordingState } from '../../calls/domain/call.js';
import type { CallFact } from '../../calls/domain/call-fact.js';
import { began, TRANSITIONS } from '../../calls/domain/call-lifecycle.js';
import { SETUP_BUCKETS } from './buckets.js';

const STATES = (Object.keys(TRANSITIONS) as CallState[]).filter((state) => state !== 'Released');
const RECORDING_STATES: RecordingState[] = ['Pending', 'Started', 'Paused', 'Failed'];
const ORIGINS = { dialed: 'api', originated: 'phone', received: 'network' } as const;
const MILESTONES: Partial<Record<CallFact['kind'], string>> = {
  deviceAnswered: 'device_answered',
  remoteRinging: 'remote_ringing',
  answered: 'answered',
};
const RECORDING_CHANGES: Partial<Record<CallFact['kind'], string>> = {
  recordingPending: 'pending',
  recordingStarted: 'started',
  recordingPaused: 'paused',
  recordingResumed: 'resumed',
  recordingStopped: 'stopped',
  recordingFailed: 'failed',
};

interface Ongoing {
  state: CallState;
  recording: RecordingState | undefined;
  /** Milestones that a call of the API has still before it. */
  ahead: Set<string> | undefined;
}

/** Calls as this process has stored them: with several processes on one store each counts its own changes. */
export class CallMetrics {
  private readonly ongoing = new Map<string, Ongoing>();
  private readonly begun: Counter<'origin'>;
  private readonly released: Counter<'cause' | 'answered'>;
  private readonly setup: Histogram<'milestone'>;
  private readonly recordingChanges: Counter<'change'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.begun = new Counter({
      name: 'call_service_calls_begun_total',
      help: "Calls by origin: api (click-to-dial), phone (dialled on a user's device), network (reached a user)",
      labelNames: ['origin'],
      registers,
    });
    this.released = new Counter({
      name: 'call_service_calls_released_total',
      help: 'Ended calls by cause of release, and whether both parties had been through',
      labelNames: ['cause', 'answered'],
      registers,
    });
    this.setup = new Histogram({
      name: 'call_service_call_setup_seconds',
      help: "From a dial over the API until the user's device answered, the called party rang, both were through",
      labelNames: ['milestone'],
      buckets: SETUP_BUCKETS,
      registers,
    });
    this.recordingChanges = new Counter({
      name: 'call_service_recording_changes_total',
      help: 'What has happened to recordings',
      labelNames: ['change'],
      registers,
    });
    this.defineGauges(registers);
    for (const origin of Object.values(ORIGINS)) this.begun.inc({ origin }, 0);
    for (const change of Object.values(RECORDING_CHANGES)) this.recordingChanges.inc({ change }, 0);
    for (const milestone of Object.values(MILESTONES)) this.setup.zero({ milestone });
    for (const cause of RELEASE_CAUSES)
      for (const answered of ['true', 'false']) this.released.inc({ cause, answered }, 0);
  }

  /** Calls of a former process that this one takes up. */
  found(calls: readonly Call[]): void {
    for (const { callId, state, recordingState } of calls)
      this.ongoing.set(callId, { state, recording: recordingState, ahead: undefined });
  }

  /** A change that has been stored. */
  stored({ calls }: CallChange): void {
    for (const { call, fact } of calls) this.note(call, fact);
  }

  private note(call: Call, fact: CallFact): void {
    const known = this.ongoing.get(call.callId);
    if (began(fact)) this.begun.inc({ origin: ORIGINS[fact.kind] });
    const ahead = fact.kind === 'dialed' ? new Set(Object.values(MILESTONES)) : known?.ahead;
    const milestone = MILESTONES[fact.kind];
    if (milestone !== undefined && ahead?.delete(milestone))
      this.setup.observe({ milestone }, Math.max(0, fact.at - call.startTime) / 1_000);
    const change = RECORDING_CHANGES[fact.kind];
    if (change !== undefined) this.recordingChanges.inc({ change });
    if (fact.kind === 'released') {
      this.ongoing.delete(call.callId);
      this.released.inc({ cause: fact.cause, answered: String(call.answerTime !== undefined) });
    } else this.ongoing.set(call.callId, { state: call.state, recording: call.recordingState, ahead });
  }

  private defineGauges(registers: Registry[]): void {
    const { ongoing } = this;
    void new Gauge({
      name: 'call_service_calls',
      help: 'Calls that are not released by state, as this process last stored them',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of STATES) this.set({ state }, 0);
        for (const { state } of ongoing.values()) this.inc({ state });
      },
    });
    void new Gauge({
      name: 'call_service_recordings',
      help: 'Recordings of calls that are not released by state, as this process last stored them',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of RECORDING_STATES) this.set({ state }, 0);
        for (const { recording } of ongoing.values()) if (recording) this.inc({ state: recording });
      },
    });
  }
}
