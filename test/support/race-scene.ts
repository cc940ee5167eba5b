import { setTimeout as delay } from 'node:timers/promises';
import type { Call } from '../../src/calls/domain/call.js';
import { RelayMedia } from '../../src/media/relay/relay-media.js';
import type { SessionState } from '../../src/engines/sip/session.js';
import { groupBy } from './group-by.js';
import type { Answer, RestClient } from './rest-client.js';
import { SandboxService } from './sandbox-service.js';
import { SipPhone } from './sip-phone.js';
import { StoredEvents } from './stored-events.js';
import { eventually } from './wait.js';

/** What one client or phone does in a race; a phone has no answer. */
type Racer = () => Promise<Answer | undefined>;

const USERS = ['foouser', 'baruser', 'bazuser', 'pauseuser'] as const;
const DEVICES = ['LP_foouser', 'LP_baruser', 'LP_bazuser', 'LP_pauseuser', 'MB_foouser'] as const;
const HANGS_MS = 10_000;
const SETTLES_MS = 5_000;
/** Between the start of one racer and the next, so that they meet at many points of the flow. Milliseconds. */
const HEAD_STARTS = [0, 0, 0, 1, 2, 3, 4, 6, 8, 12];

/** What the states of the two users of a session can be together. */
const PAIRS = new Set(['Active,Active', 'Held,Remote Held', 'Both Held,Both Held']);

/** The whole service with phones that answer at once, and clients that race. */
export class RaceScene {
  private readonly service = new SandboxService({
    RATE_LIMIT: 'off',
    RING_TIMEOUT: '5s',
    TRANSFER_TIMEOUT: '2s',
    RETRIEVE_TIMEOUT: '2s',
  });
  private clients!: Record<(typeof USERS)[number], RestClient>;
  private phones!: Record<(typeof DEVICES)[number], SipPhone>;
  private events!: StoredEvents;

  async start(): Promise<void> {
    await this.service.start();
    this.clients = await byName(USERS, (user) => this.service.as(user));
    this.phones = await byName(DEVICES, (device) => SipPhone.register(device, this.service.sip));
    this.events = new StoredEvents(this.service.dataDir);
  }

  async close(): Promise<void> {
    this.events.close();
    await Promise.all(this.allPhones.map((phone) => phone.stop()));
    await this.service.close();
  }

  /** foouser talks with baruser on the first device; the other one takes what comes from then on. */
  async talk(): Promise<string> {
    this.phones.MB_foouser.onInvite = (incoming) => this.phones.MB_foouser.ring(incoming);
    const callId = await this.dial('5601', 'baruser');
    this.phones.MB_foouser.onInvite = (incoming) => this.phones.MB_foouser.answer(incoming);
    return callId;
  }

  async talkHeld(): Promise<string> {
    const callId = await this.talk();
    await this.act(callId, { action: 'hold' });
    return callId;
  }

  /** foouser holds a call with baruser and talks with bazuser. */
  async consult(): Promise<{ held: string; consulted: string }> {
    const held = await this.talkHeld();
    this.phones.MB_foouser.onInvite = (incoming) => this.phones.MB_foouser.ring(incoming);
    return { held, consulted: await this.dial('5602', 'bazuser') };
  }

  act(callId: string, body: object): Promise<Answer> {
    return this.clients.foouser.send('PUT', `${callId}/`, body);
  }

  release(callId: string): Promise<Answer> {
    return this.clients.foouser.release(callId);
  }

  retrieve(): Promise<Answer> {
    return this.clients.foouser.send('POST', 'retrieve/', {});
  }

  async hangUp(device: (typeof DEVICES)[number]): Promise<undefined> {
    await this.phones[device].hangUp();
  }

  /** Each round: the racers start at nearly the same instant. @returns what was wrong, empty where all is well */
  async race(rounds: number, prepare: () => Promise<Racer[]>): Promise<string[]> {
    const wrong: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const mark = this.events.last;
      const racers = await prepare();
      const answers = await Promise.all(
        racers.map((racer, place) => run(racer, headStart(racers.length, place, round))),
      );
      const found = [
        ...judge(answers),
        ...(await this.settle(() => this.disagreements())),
        ...(await this.releaseAll()),
        ...(await this.settle(() => this.leftovers())),
        ...this.events.wrongSince(mark),
      ];
      if (found.length === 0) continue;
      wrong.push(`round ${round}, ${answers.map(inShort).join(' | ')}: ${found.join('; ')}`);
      await Promise.all(this.allPhones.map((phone) => phone.hangUp()));
    }
    return wrong;
  }

  private get allPhones(): SipPhone[] {
    return Object.values(this.phones);
  }

  private async dial(extension: string, to: (typeof USERS)[number]): Promise<string> {
    const callId = await this.clients.foouser.dial(extension);
    const talking = async () => {
      const { calls } = await this.service.repository.loadOngoing();
      const active = calls.filter(({ state }) => state === 'Active');
      const talks = (user: string) => active.some(({ owner }) => owner.userId === user);
      return (talks('foouser') && talks(to)) || undefined;
    };
    await eventually(talking, () => `foouser does not talk with ${to}`, 3);
    return callId;
  }

  /** Asks until nothing is wrong any more, or for too long. */
  private async settle(ask: () => Promise<string[]>): Promise<string[]> {
    const deadline = performance.now() + SETTLES_MS;
    for (;;) {
      const wrong = await ask();
      if (wrong.length === 0 || performance.now() > deadline) return wrong;
      await delay(5);
    }
  }

  /** Between the store, the sessions and the phones. */
  private async disagreements(): Promise<string[]> {
    const { calls, sessions } = await this.service.repository.loadOngoing();
    const states = sessions.map(({ state }) => JSON.parse(state) as SessionState);
    const legs = states.flatMap(({ caller, callee }) => [caller.leg, callee.leg].filter((leg) => leg));
    const inCalls = this.allPhones.reduce((sum, phone) => sum + phone.inCalls.length, 0);
    const ringing = this.allPhones.filter((phone) => phone.ringing > 0);
    return [
      ...states.flatMap(({ joining }) => (joining ? ['somebody joins for ever'] : [])),
      ...ringing.map(({ addressOfRecord }) => `${addressOfRecord} rings for ever`),
      ...(legs.length === inCalls ? [] : [`${legs.length} legs, but phones in ${inCalls} calls`]),
      ...[...groupBy(calls, ({ externalTrackingId }) => externalTrackingId).values()]
        .map((together) => statesOf(together))
        .filter((pair) => !PAIRS.has(pair))
        .map((pair) => `calls of one session are ${pair}`),
    ];
  }

  private async releaseAll(): Promise<string[]> {
    const wrong: string[] = [];
    for (const client of Object.values(this.clients)) {
      for (const { callId } of await client.list()) {
        const { status } = await client.release(callId);
        if (status !== 200 && status !== 404) wrong.push(`release: ${status}`);
      }
    }
    return wrong;
  }

  private async leftovers(): Promise<string[]> {
    const { calls, sessions } = await this.service.repository.loadOngoing();
    const { media } = this.service;
    if (!(media instanceof RelayMedia)) throw new Error('The service has no relay');
    const { bridges, portPairs } = await media.counts();
    const inCalls = this.allPhones.reduce((sum, phone) => sum + phone.inCalls.length, 0);
    const left = { calls: calls.length, sessions: sessions.length, bridges, portPairs, inCalls };
    return Object.entries(left).flatMap(([what, count]) => (count > 0 ? [`${count} ${what} are left`] : []));
  }
}

function headStart(racers: number, place: number, round: number): number {
  const [first, step] = [round % racers, HEAD_STARTS[Math.floor(round / racers) % HEAD_STARTS.length] ?? 0];
  return ((place - first + racers) % racers) * step;
}

async function run(racer: Racer, after: number): Promise<Answer | undefined> {
  if (after > 0) await delay(after);
  const hangs = delay(HANGS_MS, { status: 0, body: {} }, { ref: false });
  return Promise.race([racer(), hangs]);
}

/** A success, or a refusal of the contract; where only clients race, one of them wins. */
function judge(answers: (Answer | undefined)[]): string[] {
  const given = answers.filter((answer) => answer !== undefined);
  const unclean = given.filter((answer) => !isSuccess(answer) && !isRefusal(answer));
  return [
    ...unclean.map((answer) => `answered ${inShort(answer)}`),
    ...(given.length < answers.length || given.some(isSuccess) ? [] : ['nobody wins']),
  ];
}

function isSuccess({ status }: Answer): boolean {
  return status === 200 || status === 201;
}

function isRefusal({ status, body }: Answer): boolean {
  if (status === 400) return body.code === 59 || body.detail === 'invalid call state';
  return (
    status === 409 ||
    (status === 404 && ['call not found', 'no call to retrieve'].includes(String(body.detail)))
  );
}

function inShort(answer: Answer | undefined): string {
  if (!answer) return 'phone';
  return answer.status === 0 ? 'hangs' : `${answer.status} ${String(answer.body.detail ?? '')}`.trim();
}

function statesOf(calls: Call[]): string {
  return calls
    .map(({ state }) => state)
    .toSorted()
    .join();
}

async function byName<N extends string, T>(
  names: readonly N[],
  make: (name: N) => Promise<T>,
): Promise<Record<N, T>> {
  const made = await Promise.all(names.map(async (name) => [name, await make(name)] as const));
  return Object.fromEntries(made) as Record<N, T>;
}
