import { wrongState } from '../errors.ts';
import type { CallSwitch } from './call-switch.ts';
import { recordWhatIsPending } from './recording.ts';
import { type CallHalf, otherSide, type Side, stateOf } from './session.ts';

/** Facts: Xsi-Actions, "hold / reconnect". Assumption: holding a held call succeeds. @throws Refused 409 */
export function hold(calls: CallSwitch, half: CallHalf): void {
  mustBeUp(half);
  holdOther(calls, half.side);
}

/** Facts: Xsi-Actions, "Reconnect (releases all other calls)". @throws Refused 409 */
export function reconnect(calls: CallSwitch, half: CallHalf): void {
  mustBeUp(half);
  for (const call of calls.callsOf(half.user)) {
    if (call !== half && call.side.session !== half.side.session) calls.end(call.side.session, call.side);
  }
  resumeOther(calls, half.side);
}

/** Facts: Xsi-Actions, "Talk answers or resumes without that". @throws Refused 409 */
export function talk(calls: CallSwitch, half: CallHalf): void {
  const { ringing } = half.side;
  if (ringing?.first) return ringing.pickUp(ringing.first);
  mustBeUp(half);
  resumeOther(calls, half.side);
}

export function holdOther(calls: CallSwitch, side: Side): void {
  if (side.holds) return;
  side.holds = true;
  if (side.half) {
    side.half.heldTime = Date.now();
    calls.tell(side.half, 'CallHeldEvent');
  }
  // Assumption: the other user's call half, Remote Held from now on, tells it by an update.
  tellOther(calls, side);
}

export function resumeOther(calls: CallSwitch, side: Side): void {
  if (!side.holds) return;
  side.holds = false;
  if (side.half) {
    delete side.half.heldTime;
    calls.tell(side.half, 'CallRetrievedEvent');
    recordWhatIsPending(calls, side.half);
  }
  tellOther(calls, side);
}

export function mustBeUp(half: CallHalf): void {
  const state = stateOf(half);
  if (state === 'Alerting' || state === 'Detached' || state === 'Released') throw wrongState();
}

function tellOther(calls: CallSwitch, side: Side): void {
  const { half } = otherSide(side);
  if (half && !half.released && !half.side.holds) calls.tell(half, 'CallUpdatedEvent');
}
