import { after } from '../after.ts';
import type { Device } from './device.ts';
import type { Refusal, Ring } from './session.ts';

export interface Outcome {
  answered(device: Device): void;
  refused(status: Refusal): void;
}

/** Assumption: so long after it began to ring, nobody answers any more. */
const NO_ANSWER_MS = 60_000;
/** RFC 3261 §17.1.1.2, timer B: a phone that never responds. */
const SILENCE_MS = 32_000;
const ANSWERS_MS = 50;

/** Several devices that ring at once: the first to answer gets the call. */
export class Ringing implements Ring {
  private readonly devices = new Set<Device>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly outcome: Outcome;
  private over = false;

  private constructor(outcome: Outcome) {
    this.outcome = outcome;
  }

  /** @returns a refusal where it is clear at once that nobody will answer; then the outcome is not told */
  static start(devices: Iterable<Device>, outcome: Outcome): Ringing | Refusal {
    const ringing = new Ringing(outcome);
    let refusal: Refusal = 480;
    for (const device of devices) {
      const { does, afterMs } = device.behaviour;
      if (does === 'absent') {
        if (!device.user) refusal = 404;
      } else if (afterMs === undefined && does === 'declines') {
        return ringing.stop(603);
      } else if (afterMs === undefined && does === 'busy') {
        refusal = 486;
      } else {
        ringing.ring(device);
      }
    }
    return ringing.devices.size > 0 ? ringing : refusal;
  }

  get first(): Device | undefined {
    return this.devices.values().next().value;
  }

  pickUp(device: Device): void {
    if (this.over || !this.devices.has(device)) return;
    this.stop(487);
    this.outcome.answered(device);
  }

  /** Assumption: a phone that declines does so for all; one that is busy or gone leaves it to the others. */
  refuse(device: Device, status: Refusal): void {
    if (this.over || !this.forget(device)) return;
    if (status === 603 || this.devices.size === 0) {
      this.stop(status);
      this.outcome.refused(status);
    }
  }

  cancel(): void {
    this.stop(487);
  }

  private ring(device: Device): void {
    this.devices.add(device);
    device.rings.add(this);
    device.rung++;
    const { does, afterMs } = device.behaviour;
    if (does === 'answers') this.later(afterMs ?? ANSWERS_MS, () => this.pickUp(device));
    if (does === 'declines') this.later(afterMs ?? 0, () => this.refuse(device, 603));
    if (does === 'busy') this.later(afterMs ?? 0, () => this.refuse(device, 486));
    if (does === 'rings') this.later(NO_ANSWER_MS, () => this.refuse(device, 408));
    if (does === 'silent') this.later(SILENCE_MS, () => this.refuse(device, 408));
  }

  private later(ms: number, act: () => void): void {
    this.timers.push(after(ms, act));
  }

  private forget(device: Device): boolean {
    device.rings.delete(this);
    return this.devices.delete(device);
  }

  private stop(status: Refusal): Refusal {
    this.over = true;
    for (const timer of this.timers) clearTimeout(timer);
    for (const device of this.devices) this.forget(device);
    return status;
  }
}
