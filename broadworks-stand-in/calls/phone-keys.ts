import { Refused } from '../errors.ts';
import type { CallSwitch } from './call-switch.ts';
import type { Device } from './device.ts';
import { holdOther, resumeOther } from './hold.ts';
import type { Imrns } from './imrn.ts';
import { dialOnPhone } from './place-call.ts';
import { loseDevice } from './retrieve.ts';
import type { Side } from './session.ts';

/** What the owner of a phone does on it. Each is refused 409 where the phone has no such call. */
export class PhoneKeys {
  private readonly calls: CallSwitch;
  private readonly imrns: Imrns;

  constructor(calls: CallSwitch, imrns: Imrns) {
    this.calls = calls;
    this.imrns = imrns;
  }

  pickUp(device: Device): void {
    const [ringing] = device.rings;
    if (!ringing) throw new Refused(409, '110018', 'Nothing rings on the device.');
    ringing.pickUp(device);
  }

  /** Ends the call that it carries, else declines what rings. Assumption: a retrieve under way goes on. */
  hangUp(device: Device): void {
    const [ringing] = device.rings;
    const [side] = [...device.sides].reverse();
    if (side?.replacement) loseDevice(this.calls, side);
    else if (side) this.calls.end(side.session, side);
    else if (ringing) ringing.refuse(device, 603);
    else throw noCall();
  }

  hold(device: Device): void {
    holdOther(
      this.calls,
      theCall(device, (side) => !side.holds),
    );
  }

  resume(device: Device): void {
    resumeOther(
      this.calls,
      theCall(device, (side) => side.holds),
    );
  }

  /**
   * Resolves with the SIP status of the final response. A leased number, dialled by the party that it is leased for, is a
   * call of the user that leased it. Facts: IMRN, "carries on to the called party with the office identity".
   */
  async dial(device: Device, number: string): Promise<number> {
    const { world } = this.calls;
    const { user } = device;
    const to = world.destination(user, number);
    const owned = [
      device.addressOfRecord,
      user?.phoneNumber,
      user?.extension,
      ...(user?.mobileNumbers ?? []),
    ];
    const lease = to && this.imrns.use(to.number, owned);
    if (lease) return dialOnPhone(this.calls, device, lease.user, lease.called);
    return to ? dialOnPhone(this.calls, device, user, to) : 404;
  }

  /** Assumption: a phone that is lost leaves the user's call detached; an outside one hangs up. */
  lose(device: Device): void {
    for (const ringing of device.rings) ringing.refuse(device, 480);
    for (const side of device.sides) {
      if (side.half?.answerTime !== undefined) loseDevice(this.calls, side);
      else this.calls.end(side.session, side);
    }
  }
}

const noCall = () => new Refused(409, '110019', 'The device has no such call.');

function theCall(device: Device, fits: (side: Side) => boolean): Side {
  const found = [...device.sides].reverse().find((side) => isUp(side) && fits(side));
  if (!found) throw noCall();
  return found;
}

function isUp({ half, session }: Side): boolean {
  return half ? half.answerTime !== undefined : session.sides.some((side) => side.half?.answerTime);
}
