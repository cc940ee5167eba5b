import type { CallState } from '../domain/call.js';
import type { CallCommand } from '../domain/call-lifecycle.js';

/** "User Call Modify Actions" of the reference page. */
export const MODIFY_ACTIONS = [
  'hold',
  'reconnect',
  'blindTransfer',
  'consultativeTransfer',
  'startRecording',
  'pauseRecording',
  'resumeRecording',
  'stopRecording',
] as const;
export type ModifyAction = (typeof MODIFY_ACTIONS)[number];

export const WIRE_STATES = [
  'Alerting',
  'Answered',
  'Active',
  'Held',
  'Remote Held',
  'Detached',
  'Released',
] as const;
export type WireState = (typeof WIRE_STATES)[number];

export function wireState(state: CallState): WireState {
  return state === 'Both Held' ? 'Held' : state;
}

/** The commands that are actions of PUT; release and retrieve are requests of their own. */
export function wireActions(commands: readonly CallCommand[]): ModifyAction[] {
  return commands.filter((command) => command !== 'release' && command !== 'retrieve');
}
