import type { CallSwitch } from './call-switch.ts';
import { callOff } from './retrieve.ts';
import { type CallHalf, otherSide } from './session.ts';

/**
 * Facts: Xsi-Actions, "release". Assumption: a call that rings for a retrieve ends alone, and calls the retrieve off.
 * @param declineReason where the user declines: `Busy` or `TemporarilyUnavailable`
 */
export function release(calls: CallSwitch, half: CallHalf, declineReason?: string): void {
  const { side } = half;
  const replaced = otherSide(otherSide(side));
  if (replaced !== side && replaced.replacement === side) {
    return callOff(calls, replaced, side, 'localRelease');
  }
  const declined = declineReason === 'Busy' ? 'Busy' : 'Temporarily Unavailable';
  calls.end(side.session, side, declineReason === undefined ? undefined : declined);
}
