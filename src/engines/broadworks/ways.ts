import type { CallState, RecordingState } from '../../calls/domain/call.js';
import type { RecordingFact } from '../../calls/domain/call-fact.js';

/** State as seen → state as stored → what has happened in between. Anything else agrees, or cannot have happened. */
export const STATE_WAYS: Record<
  'Active' | 'Held' | 'Remote Held' | 'Detached',
  Partial<Record<CallState, StateFactKind[]>>
> = {
  Active: {
    Alerting: ['answered'],
    Answered: ['answered'],
    Held: ['reconnected'],
    'Remote Held': ['remoteReconnected'],
    'Both Held': ['reconnected', 'remoteReconnected'],
    Detached: ['reattached'],
  },
  // The switch does not tell whether the other party holds too: `Both Held` agrees.
  Held: {
    Alerting: ['answered', 'held'],
    Answered: ['answered', 'held'],
    Active: ['held'],
    'Remote Held': ['held'],
    Detached: ['held'],
  },
  'Remote Held': {
    Alerting: ['answered', 'remoteHeld'],
    Answered: ['answered', 'remoteHeld'],
    Active: ['remoteHeld'],
    Held: ['reconnected', 'remoteHeld'],
    'Both Held': ['reconnected'],
    Detached: ['remoteHeld'],
  },
  Detached: {
    Alerting: ['answered', 'detached'],
    Answered: ['answered', 'detached'],
    Active: ['detached'],
    Held: ['detached'],
    'Remote Held': ['detached'],
    'Both Held': ['detached'],
  },
};
export type StateFactKind =
  'answered' | 'held' | 'reconnected' | 'remoteHeld' | 'remoteReconnected' | 'detached' | 'reattached';

/** The same for the recording. `Failed` is final. */
export const RECORDING_WAYS: Record<
  RecordingState | 'None',
  Partial<Record<RecordingState | 'None', RecordingFact['kind'][]>>
> = {
  None: {
    Pending: ['recordingStopped'],
    Started: ['recordingStopped'],
    Paused: ['recordingStopped'],
  },
  Pending: {
    None: ['recordingPending'],
    Started: ['recordingStopped', 'recordingPending'],
    Paused: ['recordingStopped', 'recordingPending'],
  },
  Started: {
    None: ['recordingStarted'],
    Pending: ['recordingStarted'],
    Paused: ['recordingResumed'],
  },
  Paused: {
    None: ['recordingStarted', 'recordingPaused'],
    Pending: ['recordingStarted', 'recordingPaused'],
    Started: ['recordingPaused'],
  },
  Failed: {
    None: ['recordingFailed'],
    Pending: ['recordingFailed'],
    Started: ['recordingFailed'],
    Paused: ['recordingFailed'],
  },
};
