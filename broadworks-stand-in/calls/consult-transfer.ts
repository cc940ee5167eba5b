import { noSuchCall, Refused, transferFailed, wrongState } from '../errors.ts';
import type { CallSwitch } from './call-switch.ts';
import { mustBeUp } from './hold.ts';
import { remoteChanged } from './remote-changed.ts';
import { type CallHalf, otherSide, type Side, stateOf } from './session.ts';

/**
 * Facts: Xsi-Actions, "consultative: id2 the consulted party's call". Assumption: it waits while the consulted party
 * rings, and another consultation of the same calls is refused meanwhile.
 * @throws Refused 404, 409
 */
export async function consultTransfer(calls: CallSwitch, half: CallHalf, consulted: CallHalf): Promise<void> {
  if (half.side.session === consulted.side.session) throw wrongState();
  if (half.consulting || consulted.consulting) {
    throw new Refused(409, '110016', 'A consultative transfer of the call is under way.');
  }
  mustBeUp(half);
  if (stateOf(consulted) === 'Detached' || isRungForTheUser(consulted)) throw wrongState();
  half.consulting = true;
  consulted.consulting = true;
  if (consulted.answerTime === undefined) await answeredOrOver(half, consulted);
  half.consulting = false;
  consulted.consulting = false;
  if (half.released) throw noSuchCall();
  if (consulted.released || half.side.detached || consulted.side.detached) throw transferFailed();
  join(calls, half, consulted);
}

function isRungForTheUser(half: CallHalf): boolean {
  return half.personality === 'Terminator' && half.answerTime === undefined;
}

function answeredOrOver(half: CallHalf, consulted: CallHalf): Promise<void> {
  return new Promise((resolve) => {
    half.waiters.push(resolve);
    consulted.waiters.push(resolve);
  });
}

/** Both remote parties are in one session from now on, that of the first call. */
function join(calls: CallSwitch, half: CallHalf, consulted: CallHalf): void {
  const { session } = half.side;
  const remaining = otherSide(half.side);
  const joined = otherSide(consulted.side);
  for (const call of [half, consulted]) {
    calls.tell(call, 'CallTransferredEvent');
    calls.leave(call.side, 'localRelease');
  }
  calls.closed(joined.session);
  for (const side of [joined, joined.replacement]) if (side) side.session = session;
  session.sides = session.sides.map((side) => (side === half.side ? joined : side)) as [Side, Side];
  remoteChanged(calls, remaining);
  remoteChanged(calls, joined);
}
