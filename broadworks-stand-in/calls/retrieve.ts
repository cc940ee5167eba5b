import { noDevice, Refused } from '../errors.ts';
import type { SwitchUser } from '../world.ts';
import type { CallSwitch } from './call-switch.ts';
import type { Device } from './device.ts';
import { ringPhones } from './place-call.ts';
import { remoteChanged } from './remote-changed.ts';
import { tellAnswered } from './recording.ts';
import { type CallHalf, newSide, otherSide, type Side, stateOf } from './session.ts';

/**
 * Facts: Xsi-Actions, "retrieve: no call id: the server picks".
 * Assumption: the old call is detached while the user's other devices ring for the new one, and released when one
 * answers. Where none does it goes on at the phone that still has it; only a call that no phone has stays detached, for
 * the next retrieve. Facts: Xsi-Actions, "Detached can only go to Released", which leaves out the first of these.
 * @throws Refused 404, 409
 */
export function retrieve(calls: CallSwitch, user: SwitchUser): CallHalf {
  const old = picked(calls.callsOf(user));
  if (!old) throw new Refused(404, '110014', 'There is no call to retrieve.');
  const { side } = old;
  const replacement = newSide(side.session, { user, number: side.number });
  const ringing = ringPhones(
    calls,
    replacement,
    {
      answered: (device) => takePlace(calls, side, replacement, device),
      refused: () => callOff(calls, side, replacement),
    },
    side.device ?? side.lostDevice,
  );
  if (typeof ringing === 'number') throw noDevice();
  side.replacement = replacement;
  markDetached(calls, side);
  // Assumption: the new call has the tracking id of the old one.
  return calls.begin(replacement, user, 'Click-to-Dial', 'CallOriginatingEvent');
}

/** The phone has lost its call. */
export function loseDevice(calls: CallSwitch, side: Side): void {
  if (side.device) side.lostDevice = side.device;
  side.device?.drop(side);
  markDetached(calls, side);
}

/** Nobody takes the new call of a retrieve. */
export function callOff(calls: CallSwitch, side: Side, replacement: Side, by?: 'localRelease'): void {
  delete side.replacement;
  calls.leave(replacement, by, by ? undefined : 'Request Timeout');
  if (!side.device || !side.half) return;
  side.detached = false;
  calls.tell(side.half, 'CallUpdatedEvent');
}

function markDetached(calls: CallSwitch, side: Side): void {
  if (side.detached) return;
  side.detached = true;
  if (side.half) calls.tell(side.half, 'CallDetachedEvent');
}

/** Assumption: the active call, else one that the other party holds, else the one held last, else one detached. */
function picked(halves: CallHalf[]): CallHalf | undefined {
  const inState = (state: string) => halves.filter((half) => stateOf(half) === state);
  const held = inState('Held').sort((one, other) => (other.heldTime ?? 0) - (one.heldTime ?? 0));
  const detached = inState('Detached').filter(({ side }) => !side.replacement);
  return [...inState('Active'), ...inState('Remote Held'), ...held, ...detached][0];
}

function takePlace(calls: CallSwitch, old: Side, replacement: Side, device: Device): void {
  const { session } = replacement;
  const { half } = replacement;
  if (!half) return;
  device.take(replacement);
  half.personality = 'Originator';
  half.answerTime = Date.now();
  tellAnswered(calls, half);
  calls.settled(half);
  calls.leave(old);
  session.sides = session.sides.map((side) => (side === old ? replacement : side)) as [Side, Side];
  delete old.replacement;
  // Somebody whom the old call held hears the user again.
  if (old.holds) remoteChanged(calls, otherSide(replacement));
}
