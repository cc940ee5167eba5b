import { randomUUID } from 'node:crypto';
import { Refused, noSuchCall } from '../errors.ts';
import { addressOf, type SwitchUser, type World } from '../world.ts';
import { Device } from './device.ts';
import {
  type CallHalf,
  newSession,
  otherSide,
  type Party,
  type Personality,
  type ReleaseCause,
  type Session,
  type Side,
} from './session.ts';

/** What happened to a call half. Facts: Xsi-Events, "types such as"; CallOriginatingEvent begins a click-to-dial. */
export type CallEvent =
  | 'CallOriginatingEvent'
  | 'CallOriginatedEvent'
  | 'CallReceivedEvent'
  | 'CallAnsweredEvent'
  | 'CallHeldEvent'
  | 'CallRetrievedEvent'
  | 'CallUpdatedEvent'
  | 'CallDetachedEvent'
  | 'CallRedirectedEvent'
  | 'CallTransferredEvent'
  | 'CallReleasedEvent'
  | 'CallRecordingStartingEvent'
  | 'CallRecordingStartedEvent'
  | 'CallRecordingPausedEvent'
  | 'CallRecordingResumedEvent'
  | 'CallRecordingStoppedEvent';

/** All calls and phones: what is there, and how call halves begin and end. */
export class CallSwitch {
  readonly world: World;
  readonly devices = new Map<string, Device>();
  /** Ids of calls that have ended. */
  readonly ended = new Set<string>();
  /** How many click-to-dials have begun. */
  dials = 0;
  recordingFails = false;
  /** Told of each event of a call half, in order. */
  tell: (half: CallHalf, event: CallEvent, reason?: string) => void = () => undefined;
  private readonly halves = new Map<SwitchUser, Map<string, CallHalf>>();
  private readonly devicesOf = new Map<SwitchUser, Device[]>();
  private readonly sessions = new Set<Session>();
  // Facts: the reference's ids are `callhalf-<n>:0`. Assumption: unique over restarts, so they begin with the time.
  private nextId = Date.now() * 1000;

  constructor(world: World) {
    this.world = world;
    for (const user of world.everybody) {
      const devices = user.devices.map(
        ({ addressOfRecord, absent }) =>
          new Device(addressOfRecord, user, { does: absent ? 'absent' : 'answers' }),
      );
      this.devicesOf.set(user, devices);
      this.halves.set(user, new Map());
      for (const device of devices) this.devices.set(device.addressOfRecord, device);
    }
    for (const [number, behaviour] of Object.entries(world.outside)) {
      this.devices.set(number, new Device(number, undefined, behaviour));
    }
  }

  device(addressOfRecord: string): Device {
    const known = this.devices.get(addressOfRecord);
    if (known) return known;
    if (!/^\+\d{2,20}$/.test(addressOfRecord)) throw new Refused(404, '110006', 'No such device.');
    const device = new Device(addressOfRecord, undefined, { does: 'absent' });
    this.devices.set(addressOfRecord, device);
    return device;
  }

  /** The phones that ring for an end of a session. */
  phonesOf(side: Side): Device[] {
    if (side.user) return this.devicesOf.get(side.user) ?? [];
    const outside = this.devices.get(side.number);
    return outside ? [outside] : [];
  }

  callsOf(user: SwitchUser): CallHalf[] {
    return [...(this.halves.get(user)?.values() ?? [])];
  }

  /** @throws Refused 404 */
  call(user: SwitchUser, callId: string): CallHalf {
    const half = this.halves.get(user)?.get(callId);
    if (!half) throw noSuchCall();
    return half;
  }

  everyCall(): CallHalf[] {
    return [...this.halves.values()].flatMap((halves) => [...halves.values()]);
  }

  /** A session between two parties; nobody is rung yet. */
  open(from: Party, to: Party): Session {
    // Facts: Xsi-Actions, "UUIDs in recent".
    const session = newSession(randomUUID(), from, to);
    this.sessions.add(session);
    return session;
  }

  begin(side: Side, user: SwitchUser, personality: Personality, event: CallEvent): CallHalf {
    const own = this.halves.get(user) as Map<string, CallHalf>;
    const lines = new Set([...own.values()].map(({ appearance }) => appearance));
    let appearance = 1;
    while (lines.has(appearance)) appearance++;
    const half: CallHalf = {
      callId: `callhalf-${this.nextId++}:0`,
      user,
      side,
      personality,
      appearance,
      startTime: Date.now(),
      recorded: false,
      released: false,
      consulting: false,
      waiters: [],
    };
    side.half = half;
    own.set(half.callId, half);
    this.tell(half, event);
    return half;
  }

  /** Ends what one end has of the session, and leaves the rest of it alone. */
  leave(side: Side, party?: CallHalf['releasingParty'], cause?: ReleaseCause): void {
    side.ringing?.cancel();
    side.device?.drop(side);
    for (const timer of side.timers) clearTimeout(timer);
    const { half } = side;
    if (!half || half.released) return;
    half.released = true;
    if (party) half.releasingParty = party;
    if (cause) half.releaseCause = cause;
    clearTimeout(half.recorderStarts);
    this.halves.get(half.user)?.delete(half.callId);
    this.ended.add(half.callId);
    this.tell(half, 'CallReleasedEvent');
    this.settled(half);
  }

  /** @param by the end that hung up; the switch itself where there is none */
  end(session: Session, by?: Side, cause?: ReleaseCause): void {
    if (session.over) return;
    session.over = true;
    this.sessions.delete(session);
    session.told?.(487);
    for (const side of session.sides) {
      const party = by && (side === by ? 'localRelease' : 'remoteRelease');
      if (side.replacement) this.leave(side.replacement, party, cause);
      this.leave(side, party, cause);
    }
  }

  /** The session has lost its calls to another one. */
  closed(session: Session): void {
    session.over = true;
    this.sessions.delete(session);
  }

  settled(half: CallHalf): void {
    for (const told of half.waiters.splice(0)) told();
  }

  /** The party that the user of this call half speaks with; callType as far as it tells of the group. */
  remoteOf(half: CallHalf): { address?: string; user?: SwitchUser; callType: 'Group' | 'Network' } {
    const { user, number } = otherSide(half.side);
    const address = user ? addressOf(user) : number;
    return {
      ...(address !== undefined && { address }),
      ...(user && { user }),
      // Facts: Xsi-Actions, "callType". Assumption: whoever is not of the group is of the network.
      callType: this.world.sameGroup(half.user, user) ? 'Group' : 'Network',
    };
  }

  /** Ends everything and puts the phones back. */
  reset(): void {
    for (const session of this.sessions) this.end(session);
    for (const device of this.devices.values()) device.reset();
    this.recordingFails = false;
  }
}
