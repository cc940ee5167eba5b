import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from '../support/child.ts';
import type { BenchUser } from '../support/directory-file.ts';
import type { PlacedCall } from '../support/rest-calls.ts';
import type { RestClient } from '../support/rest-client.ts';
import { callsPath } from '../support/service.ts';
import { ANSWERS, BUSY, RINGS_ON } from './numbers.ts';
import type { PhoneSessions } from './phone-sessions.ts';

/** How many of forty cycles are of each kind. */
const SHARES = {
  released: 10,
  hungUp: 7,
  held: 6,
  recorded: 3,
  recordedToTheEnd: 2,
  outside: 3,
  fromPhone: 3,
  busy: 1,
  canceled: 2,
  blindTransfer: 2,
  consultativeTransfer: 1,
} as const;
type Kind = keyof typeof SHARES;

/** The kinds spread evenly, so that each second has much the same work. */
const ORDER: Kind[] = (Object.entries(SHARES) as [Kind, number][])
  .flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, at) => ({ kind, place: (at + 0.5) / count + kind.length / 1_000 })),
  )
  .toSorted((a, b) => a.place - b.place)
  .map(({ kind }) => kind);

const TALK_MS = 400;
const RECORDED_MS = 800;

/** So many cycles are under way that there is nobody left for another: the service does not keep up. */
export class Overload extends Error {}

/** Calls of the soak, each from its beginning until no phone has it any more. */
export class Cycles {
  /** From the request until both phones are through, milliseconds: told of each call that comes up. */
  onUp: (milliseconds: number) => void = () => undefined;
  private readonly rest: RestClient;
  private readonly phones: Child;
  private readonly sessions: PhoneSessions;
  private readonly free: Trio[];

  /** @param trios users that have no other calls: a reconnect, for one, ends the user's other calls */
  constructor(rest: RestClient, phones: Child, sessions: PhoneSessions, trios: Trio[]) {
    this.rest = rest;
    this.phones = phones;
    this.sessions = sessions;
    this.free = [...trios];
  }

  /** @param pace 1: with pauses as people make them; 0: at full speed @throws Overload, Error that names what went wrong */
  async run(index: number, pace: 0 | 1): Promise<void> {
    const kind = ORDER[index % ORDER.length]!;
    const trio = this.free.shift();
    if (!trio) throw new Overload('All users are in calls');
    const pause = (milliseconds: number) => (pace ? delay(milliseconds) : Promise.resolve());
    try {
      await this[kind](trio, pause);
    } catch (error) {
      // What it left would be taken for a leak of the service.
      await this.giveUp(trio).catch(() => undefined);
      throw new Error(`${kind}: ${(error as Error).message}`, { cause: error });
    } finally {
      this.free.push(trio);
    }
  }

  private async giveUp(trio: Trio): Promise<void> {
    for (const { userId } of Object.values(trio) as BenchUser[]) {
      const { calls } = JSON.parse(await this.ask('GET', callsPath(userId), 200)) as {
        calls: { callId: string }[];
      };
      for (const { callId } of calls) await this.rest.send('DELETE', pathOf({ userId, callId }));
    }
  }

  private async released({ caller, callee }: Trio, pause: Pause): Promise<void> {
    const call = await this.up(caller, callee.extension);
    await pause(TALK_MS);
    await this.isActive(call);
    await this.release(call);
  }

  private async hungUp({ caller, callee }: Trio, pause: Pause): Promise<void> {
    const call = await this.up(caller, callee.extension);
    await pause(TALK_MS);
    await this.hangUp(call.externalTrackingId, nameOf(callee));
  }

  private async held({ caller, callee }: Trio, pause: Pause): Promise<void> {
    const call = await this.up(caller, callee.extension);
    await this.modify(call, { action: 'hold' });
    await pause(TALK_MS);
    await this.modify(call, { action: 'reconnect' });
    await pause(TALK_MS);
    await this.release(call);
  }

  private async recorded({ caller, callee }: Trio, pause: Pause): Promise<void> {
    const call = await this.up(caller, callee.extension);
    await this.phones.ask('talk', call.externalTrackingId);
    await this.modify(call, { action: 'startRecording' });
    await pause(RECORDED_MS);
    await this.modify(call, { action: 'pauseRecording' });
    await this.modify(call, { action: 'resumeRecording' });
    await pause(TALK_MS);
    await this.modify(call, { action: 'stopRecording' });
    await this.release(call);
  }

  private async recordedToTheEnd({ caller, callee }: Trio, pause: Pause): Promise<void> {
    const call = await this.up(caller, callee.extension);
    await this.phones.ask('talk', call.externalTrackingId);
    await this.modify(call, { action: 'startRecording' });
    await pause(RECORDED_MS);
    await this.hangUp(call.externalTrackingId, nameOf(callee));
  }

  private async outside({ caller }: Trio, pause: Pause): Promise<void> {
    const call = await this.up(caller, ANSWERS);
    await pause(TALK_MS);
    await this.hangUp(call.externalTrackingId, ANSWERS);
  }

  private async fromPhone({ caller, callee }: Trio, pause: Pause): Promise<void> {
    const session = await this.phones.ask<string>('dial', {
      device: caller.device,
      number: callee.extension,
    });
    await pause(TALK_MS);
    await this.hangUp(session, nameOf(caller));
  }

  private async busy({ caller }: Trio): Promise<void> {
    const { externalTrackingId, callId } = await this.dial(caller, BUSY);
    await this.sessions.until('gone', externalTrackingId, callId);
  }

  private async canceled({ caller }: Trio, pause: Pause): Promise<void> {
    const call = await this.dial(caller, RINGS_ON);
    await this.sessions.until('ringing', call.externalTrackingId, call.callId);
    await pause(TALK_MS);
    await this.release(call);
  }

  private async blindTransfer({ caller, callee, third }: Trio, pause: Pause): Promise<void> {
    const call = await this.up(caller, callee.extension);
    await this.modify(call, { action: 'blindTransfer', phoneNumber: third.extension });
    await pause(TALK_MS);
    await this.hangUp(call.externalTrackingId, nameOf(callee));
  }

  private async consultativeTransfer({ caller, callee, third }: Trio, pause: Pause): Promise<void> {
    const call = await this.up(caller, callee.extension);
    await this.modify(call, { action: 'hold' });
    const consulted = await this.up(caller, third.extension);
    await pause(TALK_MS);
    await this.modify(call, { action: 'consultativeTransfer', transferCallId: consulted.callId });
    await this.hangUp(call.externalTrackingId, nameOf(callee));
    await this.sessions.until('gone', consulted.externalTrackingId, consulted.callId);
  }

  private async dial({ userId }: BenchUser, phoneNumber: string): Promise<PlacedCall> {
    const text = await this.ask('POST', callsPath(userId), 201, { phoneNumber });
    return { ...(JSON.parse(text) as PlacedCall), userId };
  }

  private async up(caller: BenchUser, number: string): Promise<PlacedCall> {
    const began = performance.now();
    const call = await this.dial(caller, number);
    await this.sessions.until('up', call.externalTrackingId, call.callId);
    this.onUp(performance.now() - began);
    return call;
  }

  private async isActive(call: PlacedCall): Promise<void> {
    const { state } = JSON.parse(await this.ask('GET', pathOf(call), 200)) as { state: string };
    if (state !== 'Active') throw new Error(`Both phones are through, but ${call.callId} is ${state}`);
  }

  private async modify(call: PlacedCall, body: object): Promise<void> {
    await this.ask('PUT', pathOf(call), 200, body);
  }

  private async release(call: PlacedCall): Promise<void> {
    await this.ask('DELETE', pathOf(call), 200);
    await this.sessions.until('gone', call.externalTrackingId, call.callId);
  }

  private async hangUp(session: string, user: string): Promise<void> {
    const status = await this.phones.ask<number>('hangUp', { session, user });
    if (status !== 200) throw new Error(`BYE of ${user} was answered ${status}`);
    await this.sessions.until('gone', session, session);
  }

  private async ask(method: string, path: string, wanted: number, body?: object): Promise<string> {
    const { status, text } = await this.rest.send(method, path, body);
    if (status !== wanted)
      throw new Error(`${method} ${JSON.stringify(body ?? {})} was answered ${status}: ${text}`);
    return text;
  }
}

/** Users of one cycle. */
export interface Trio {
  caller: BenchUser;
  callee: BenchUser;
  third: BenchUser;
}

type Pause = (milliseconds: number) => Promise<unknown>;

function pathOf({ userId, callId }: Pick<PlacedCall, 'userId' | 'callId'>): string {
  return `${callsPath(userId)}${callId}/`;
}

/** As it stands in the Contact of the device. */
function nameOf({ device }: BenchUser): string {
  return device.addressOfRecord.split('@')[0]!;
}
