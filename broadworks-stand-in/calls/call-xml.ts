import { leaf } from '../xml.ts';
import type { CallSwitch } from './call-switch.ts';
import { allowedControls } from './recording.ts';
import { type CallHalf, stateOf } from './session.ts';

/**
 * What is inside a `call` element. Facts: Xsi-Actions, "`Call`: `callId, extTrackingId`…".
 * @param prefix of BroadSoft's namespace, with its colon, or empty
 * @param instance the prefix of schema-instance
 */
export function callXml(calls: CallSwitch, half: CallHalf, prefix: string, instance: string): string {
  const write = (name: string, value: string | number | undefined) => leaf(prefix, name, value);
  const remote = calls.remoteOf(half);
  const state = stateOf(half);
  const device = half.side.device?.addressOfRecord;
  const endpoint =
    device === undefined
      ? ''
      : `<${prefix}endpoint ${instance}:type="${prefix}AccessEndpoint">${write('addressOfRecord', device)}</${prefix}endpoint>`;
  return [
    write('callId', half.callId),
    write('extTrackingId', half.side.session.trackingId),
    write('personality', half.personality),
    write('state', state),
    // Facts: Xsi-Actions, "Release causes" and "releasingParty". Assumption: the element that the cause is in.
    half.releaseCause
      ? `<${prefix}releaseCause>${write('internalReleaseCause', half.releaseCause)}</${prefix}releaseCause>`
      : '',
    write('releasingParty', half.releasingParty),
    `<${prefix}remoteParty>`,
    write('name', remote.user?.name),
    // Assumption: E.164 goes in a tel URI, an extension bare.
    write('address', remote.address?.replace(/^\+/, 'tel:+')),
    write('userId', remote.user?.userId),
    write('userDN', remote.user?.phoneNumber?.replace(/^\+/, 'tel:+')),
    write('callType', remote.callType),
    `</${prefix}remoteParty>`,
    endpoint,
    write('appearance', half.appearance),
    state === 'Detached' ? `<${prefix}allowRetrieve/>` : '',
    write('startTime', half.startTime),
    write('answerTime', half.answerTime),
    write('heldTime', half.heldTime),
    // Facts: Xsi-Actions, "an empty element: present = recorded at least once".
    half.recorded ? `<${prefix}recorded/>` : '',
    write('allowedRecordingControls', allowedControls(half)),
    write('recordingState', half.recordingState),
  ].join('');
}
