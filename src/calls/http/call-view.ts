import type { UserRef } from '../../directory/domain/user.js';
import type { Call, Endpoint, Personality, RecordingState, RemoteParty } from '../domain/call.js';
import { allowedRecordingControls, type RecordingControls } from '../domain/recording.js';
import { wireState } from './wire-names.js';
import type { WireState } from './wire-names.js';

/** "Call Attributes" of the reference page. */
export interface CallView {
  callId: string;
  externalTrackingId: string;
  personality: Personality;
  state: WireState;
  remoteParty: RemoteParty;
  endpoint: Endpoint;
  appearance: number;
  startTime: string;
  answerTime?: string;
  recorded: boolean;
  recordingState?: RecordingState;
  allowedRecordingControls?: RecordingControls;
}

export interface CallSummary {
  callId: string;
  inConference: boolean;
}

/** A call in a list with details: the only place where `uri` is. */
export interface CallListView extends CallView, CallSummary {
  uri: string;
}

export function callView(call: Call): CallView {
  const view: CallView = {
    callId: call.callId,
    externalTrackingId: call.externalTrackingId,
    personality: call.personality,
    state: wireState(call.state),
    remoteParty: call.remoteParty,
    endpoint: call.endpoint,
    appearance: call.appearance,
    startTime: wireTime(call.startTime),
    recorded: call.recorded,
  };
  if (call.answerTime !== undefined) view.answerTime = wireTime(call.answerTime);
  if (call.recordingState !== undefined) view.recordingState = call.recordingState;
  const controls = allowedRecordingControls(call);
  if (controls !== undefined) view.allowedRecordingControls = controls;
  return view;
}

export function callList(calls: Call[], details: boolean): { calls: (CallSummary | CallListView)[] } {
  return { calls: calls.map(details ? callListView : callSummary) };
}

function callSummary({ callId, inConference }: Call): CallSummary {
  return { callId, inConference };
}

function callListView(call: Call): CallListView {
  return { ...callView(call), inConference: call.inConference, uri: callUri(call.owner, call.callId) };
}

function callUri({ tenantId, groupId, userId }: UserRef, callId: string): string {
  const [tenant, group, user] = [tenantId, groupId, userId].map(encodeURIComponent);
  return `/api/v1/tenants/${tenant}/groups/${group}/users/${user}/services/calls/${callId}/`;
}

const DAY_MS = 86_400_000;
let day = { number: Number.NaN, text: '' };

/**
 * UTC with six decimals and no zone letter, as the reference prints it. Each answer holds two of them, and
 * Date.toISOString is slow: the date is kept, the time of day is computed.
 * @param time milliseconds since 1970
 */
export function wireTime(time: number): string {
  const number = Math.floor(time / DAY_MS);
  if (number !== day.number) day = { number, text: new Date(number * DAY_MS).toISOString().slice(0, 11) };
  const ms = time - number * DAY_MS;
  const [seconds, minutes] = [Math.floor(ms / 1_000), Math.floor(ms / 60_000)];
  const clock = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return `${day.text}${clock}.${String(ms % 1_000).padStart(3, '0')}000`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
