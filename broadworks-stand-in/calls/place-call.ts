import { after } from '../after.ts';
import { badAddress, noDevice } from '../errors.ts';
import type { Destination, SwitchUser } from '../world.ts';
import type { CallSwitch } from './call-switch.ts';
import type { Device } from './device.ts';
import { holdOther, resumeOther } from './hold.ts';
import { tellAnswered } from './recording.ts';
import { Ringing } from './ringing.ts';
import {
  type CallHalf,
  otherSide,
  type Phone,
  type Refusal,
  type ReleaseCause,
  type Side,
} from './session.ts';

/** Facts: Xsi-Actions, "Release causes". Assumption: which of them each SIP status becomes. */
const CAUSES: Record<Refusal, ReleaseCause | undefined> = {
  404: 'User Not Found',
  408: 'Request Timeout',
  480: 'Request Failure',
  486: 'Busy',
  487: undefined,
  603: 'Temporarily Unavailable',
};

/**
 * Facts: Xsi-Actions, "Click-to-dial: the user's own device is rung first".
 * Assumption: all devices of the user ring, and where there is none the order is refused.
 * @throws Refused 400, 409: nothing rang
 */
export function clickToDial(calls: CallSwitch, user: SwitchUser, address: string): CallHalf {
  const to = calls.world.destination(user, address);
  if (!to) throw badAddress();
  const session = calls.open({ user, number: '' }, to);
  const [caller, callee] = session.sides;
  const ringing = ringPhones(calls, caller, {
    answered: (device) => {
      device.take(caller);
      const { half } = caller;
      if (!half) return;
      // Facts: Xsi-Actions, "on off-hook the call is Originator/Alerting under the same ids".
      half.personality = 'Originator';
      calls.tell(half, 'CallOriginatedEvent');
      callDestination(calls, callee);
    },
    refused: (status) => calls.end(session, caller, CAUSES[status]),
  });
  if (ringing === 480) {
    calls.closed(session);
    throw noDevice();
  }
  calls.dials++;
  const half = calls.begin(caller, user, 'Click-to-Dial', 'CallOriginatingEvent');
  if (typeof ringing === 'number') after(0, () => calls.end(session, caller, CAUSES[ringing]));
  return half;
}

/**
 * A number dialled on a phone. Resolves with the SIP status of the final response, as the phone hears it.
 * @param as the user whose call it is; none for a phone outside
 */
export function dialOnPhone(
  calls: CallSwitch,
  device: Device,
  as: SwitchUser | undefined,
  to: Destination,
): Promise<number> {
  const from = as ? { user: as, number: '' } : { number: device.addressOfRecord };
  const session = calls.open(from, to);
  const [caller, callee] = session.sides;
  device.take(caller);
  if (as) calls.begin(caller, as, 'Originator', 'CallOriginatedEvent');
  return new Promise((resolve) => {
    session.told = resolve;
    callDestination(calls, callee);
  });
}

/** Rings whoever is called; a refusal ends the session. */
function callDestination(calls: CallSwitch, callee: Side): void {
  const refusal = ringParty(calls, callee);
  if (refusal !== undefined) refuse(calls, callee, refusal);
}

function refuse(calls: CallSwitch, side: Side, status: Refusal): void {
  side.session.told?.(status);
  calls.end(side.session, side, CAUSES[status]);
}

/**
 * Rings a party that joins a session: the phones of a user, whose call half begins, or an outside number. Where it
 * refuses later, the session ends.
 * @returns a refusal where nobody can be rung; then the user has no call half
 */
export function ringParty(calls: CallSwitch, callee: Side): Refusal | undefined {
  const ringing = ringPhones(calls, callee, {
    answered: (device) => answer(calls, callee, device),
    refused: (status) => refuse(calls, callee, status),
  });
  if (typeof ringing === 'number') return ringing;
  // Facts: the contract's third personality; Xsi-Events, "CallReceivedEvent".
  if (callee.user) calls.begin(callee, callee.user, 'Terminator', 'CallReceivedEvent');
  return undefined;
}

/** @param but a phone that is not rung */
export function ringPhones(
  calls: CallSwitch,
  side: Side,
  outcome: { answered(device: Device): void; refused(status: Refusal): void },
  but?: Phone,
): Ringing | Refusal {
  const phones = calls.phonesOf(side).filter((phone) => phone !== but);
  if (phones.length === 0) return side.user ? 480 : 404;
  const done =
    <T>(act: (what: T) => void) =>
    (what: T) => {
      delete side.ringing;
      act(what);
    };
  const ringing = Ringing.start(phones, { answered: done(outcome.answered), refused: done(outcome.refused) });
  if (typeof ringing !== 'number') side.ringing = ringing;
  return ringing;
}

/** The called party answers: whoever waited for it is through. */
function answer(calls: CallSwitch, callee: Side, device: Device): void {
  device.take(callee);
  callee.session.told?.(200);
  for (const half of [otherSide(callee).half, callee.half]) {
    if (!half || half.released || half.answerTime !== undefined) continue;
    half.answerTime = Date.now();
    tellAnswered(calls, half);
    calls.settled(half);
  }
  if (!callee.user) liveOn(calls, callee, device);
}

/** What an outside party does once it has answered. */
function liveOn(calls: CallSwitch, side: Side, device: Device): void {
  const { hangUpAfterMs, holdAfterMs, resumeAfterMs } = device.behaviour;
  const later = (ms: number | undefined, act: () => void) => {
    if (ms !== undefined) side.timers.add(after(ms, act));
  };
  later(hangUpAfterMs, () => calls.end(side.session, side));
  later(holdAfterMs, () => {
    holdOther(calls, side);
    later(resumeAfterMs, () => resumeOther(calls, side));
  });
}
