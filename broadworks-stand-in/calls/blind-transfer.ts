import { badAddress, transferFailed, wrongState } from '../errors.ts';
import type { CallSwitch } from './call-switch.ts';
import { ringParty } from './place-call.ts';
import { remoteChanged } from './remote-changed.ts';
import { type CallHalf, newSide, otherSide, type Side, stateOf } from './session.ts';

/**
 * Facts: Xsi-Actions, "blind transfer". Assumption: the user is out of the call as soon as the target rings; a target that
 * is busy, declines or is not there leaves the call as it was. A call that rings for the user is deflected.
 * @throws Refused 400, 409
 */
export function blindTransfer(calls: CallSwitch, half: CallHalf, address: string): void {
  const state = stateOf(half);
  const deflected = state === 'Alerting' && half.personality === 'Terminator';
  if (state === 'Detached' || half.consulting || (state === 'Alerting' && !deflected)) throw wrongState();
  const to = calls.world.destination(half.user, address);
  if (!to) throw badAddress();
  const { side } = half;
  const { session } = side;
  const target = newSide(session, to);
  const remaining = otherSide(side);
  // The phone of the target shows the remaining party from the first ring on.
  side.replacement = target;
  const refusal = ringParty(calls, target);
  delete side.replacement;
  if (refusal !== undefined) throw transferFailed();
  calls.tell(half, deflected ? 'CallRedirectedEvent' : 'CallTransferredEvent');
  calls.leave(side, 'localRelease');
  session.sides = session.sides.map((one) => (one === side ? target : one)) as [Side, Side];
  remoteChanged(calls, remaining);
}
