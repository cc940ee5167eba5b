import type { CallSwitch } from './calls/call-switch.ts';
import type { Device, Does } from './calls/device.ts';
import type { Imrns } from './calls/imrn.ts';
import { PhoneKeys } from './calls/phone-keys.ts';
import { allowedControls } from './calls/recording.ts';
import { stateOf } from './calls/session.ts';
import { notFound, Refused } from './errors.ts';
import type { Channels } from './events/channels.ts';
import type { Subscriptions } from './events/subscriptions.ts';
import type { Faults } from './faults.ts';
import { type Answer, type Asked, jsonAnswer, must } from './http.ts';

const DOES: Does[] = ['answers', 'rings', 'declines', 'busy', 'absent', 'silent'];

/** `/stand-in`: what is true in the world of the switch, and how to change it. JSON, without a password. */
export class Control {
  private readonly keys: PhoneKeys;
  private readonly parts: {
    calls: CallSwitch;
    imrns: Imrns;
    faults: Faults;
    channels: Channels;
    subscriptions: Subscriptions;
  };

  constructor(parts: Control['parts']) {
    this.parts = parts;
    this.keys = new PhoneKeys(parts.calls, parts.imrns);
  }

  /** @throws Refused */
  async answer([room, name, key, ...more]: string[], asked: Asked): Promise<Answer> {
    if (more.length > 0) throw notFound();
    if (room === 'devices' && name !== undefined) return this.onDevice(name, key, asked);
    if (key !== undefined) throw notFound();
    const { faults, channels, subscriptions, calls } = this.parts;
    switch (name === undefined ? room : `${room}/${name}`) {
      case 'calls':
        return this.onCalls(asked);
      case 'faults':
        if (asked.method === 'PUT') faults.set(jsonIn(asked));
        else must(asked, 'GET');
        return jsonAnswer(faults.all);
      case 'sequence':
        must(asked, 'PUT');
        subscriptions.continueAt(numberIn(asked, 'next'));
        return jsonAnswer({});
      case 'recording':
        must(asked, 'PUT');
        calls.recordingFails = jsonIn(asked)['fails'] === true;
        return jsonAnswer({ fails: calls.recordingFails });
      case 'channels':
        must(asked, 'GET');
        return jsonAnswer({ channels: channels.all, subscriptions: subscriptions.all });
      case 'channels/cut':
        must(asked, 'POST');
        return jsonAnswer({ cut: channels.cutAll() });
      default:
        throw notFound();
    }
  }

  private onCalls(asked: Asked): Answer {
    const { calls, faults, imrns } = this.parts;
    if (asked.method === 'DELETE') {
      calls.reset();
      faults.clear();
      imrns.clear();
      return jsonAnswer({});
    }
    must(asked, 'GET');
    const list = calls.everyCall().map((half) => ({
      userId: half.user.userId,
      callId: half.callId,
      externalTrackingId: half.side.session.trackingId,
      personality: half.personality,
      state: stateOf(half),
      remoteAddress: calls.remoteOf(half).address,
      addressOfRecord: half.side.device?.addressOfRecord,
      recordingState: half.recordingState,
      allowedRecordingControls: allowedControls(half),
    }));
    return jsonAnswer({ calls: list, ended: [...calls.ended], dials: calls.dials });
  }

  private async onDevice(addressOfRecord: string, key: string | undefined, asked: Asked): Promise<Answer> {
    const device = this.parts.calls.device(addressOfRecord);
    if (key === undefined) {
      if (asked.method === 'PUT') this.change(device, jsonIn(asked));
      else must(asked, 'GET');
      return jsonAnswer(seen(device));
    }
    must(asked, 'POST');
    switch (key) {
      case 'pick-up':
        this.keys.pickUp(device);
        break;
      case 'hang-up':
        this.keys.hangUp(device);
        break;
      case 'hold':
        this.keys.hold(device);
        break;
      case 'resume':
        this.keys.resume(device);
        break;
      case 'dial':
        return jsonAnswer({ status: await this.keys.dial(device, String(jsonIn(asked)['number'])) });
      default:
        throw notFound();
    }
    return jsonAnswer(seen(device));
  }

  private change(device: Device, { does, afterMs }: Record<string, unknown>): void {
    if (!DOES.includes(does as Does)) throw badRequest(`does is one of ${DOES.join(', ')}.`);
    if (afterMs !== undefined && typeof afterMs !== 'number') throw badRequest('afterMs is a number.');
    device.behaviour = { does: does as Does, ...(afterMs !== undefined && { afterMs }) };
    if (does === 'absent') this.keys.lose(device);
  }
}

function seen(device: Device): object {
  return {
    does: device.behaviour.does,
    afterMs: device.behaviour.afterMs,
    ringing: device.rings.size,
    calls: device.sides.size,
    rung: device.rung,
    ended: device.ended,
  };
}

const badRequest = (summary: string) => new Refused(400, '110020', summary);

function jsonIn({ body }: Asked): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw badRequest('The body is no JSON object.');
}

function numberIn(asked: Asked, name: string): number {
  const value = jsonIn(asked)[name];
  if (typeof value !== 'number') throw badRequest(`${name} is a number.`);
  return value;
}
