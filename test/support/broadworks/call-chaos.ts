import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, CallView, RestClient } from '../rest-client.js';
import { Random } from './random.js';
import type { PhoneDoes, Press, StandIn } from './stand-in.js';

/** Users who call over REST, and their phones. */
export const CALLERS = ['foouser', 'baruser', 'bazuser', 'pauseuser', 'demanduser'] as const;
const PHONES = ['LP_foouser', 'MB_foouser', 'LP_baruser', 'LP_bazuser', 'LP_pauseuser', 'LP_demanduser'];
const EXTENSIONS = ['5600', '5601', '5602', '5603', '5604'];
/** Of the world outside: they answer, are busy, ring, decline, hang up, hold, say nothing, are not in service. */
const OUTSIDE = ['78', '80', '81', '82', '83', '84', '85', '86'].map((end) => `+32123456${end}`);
const CALLERS_FROM_OUTSIDE = ['+32470000001', '+32470000002'];

const AT_ONCE = 2;
/** A user with so many calls ends one before the next begins. */
const MANY_CALLS = 3;
/** Nobody waits longer for a phone to be answered. Milliseconds. */
const PATIENCE_MS = 500;

type Action = (client: RestClient, callId: string, calls: CallView[]) => Promise<Answer>;

/** Calls of all kinds over REST, from phones and from outside, as chance has it. */
export class CallChaos {
  /** Calls begun, whoever began them. */
  begun = 0;
  /** Orders to dial over REST that were taken. */
  dials = 0;
  /** Calls placed on phones. */
  phoneDials = 0;
  /** Ids that a client was told. */
  readonly told = new Set<string>();
  /** How often each answer came. */
  readonly answers: Record<string, number> = {};
  private until = 0;

  constructor(
    private readonly clients: RestClient[],
    private readonly standIn: StandIn,
    private readonly seed: number,
    /** Whether a client may be left without an answer. */
    private readonly mayFail = false,
  ) {}

  /** Until so many calls have begun. */
  async run(calls: number): Promise<void> {
    this.until = calls;
    const clients = Array.from({ length: AT_ONCE }, () => this.clients).flat();
    const outside = CALLERS_FROM_OUTSIDE.map((number) => (random: Random) => this.callIn(number, random));
    const actors = [
      ...clients.map((client) => (random: Random) => this.ask(client, random)),
      ...PHONES.map((name) => (random: Random) => this.press(`${name}@sip.example.test`, random)),
      ...outside,
    ];
    await Promise.all(actors.map((act, index) => this.loop(act, new Random(this.seed + index))));
  }

  cease(): void {
    this.until = 0;
  }

  private async loop(act: (random: Random) => Promise<unknown>, random: Random): Promise<void> {
    while (this.begun < this.until) {
      await act(random);
      await delay(random.below(30));
    }
  }

  private async ask(client: RestClient, random: Random): Promise<void> {
    const listed = await this.counted('list', () => client.send('GET', '?includeDetails=true'));
    const calls = (listed?.body.calls ?? []) as CallView[];
    if (calls.length === 0 || (calls.length < MANY_CALLS && random.share() < 0.5))
      return this.dial(client, random);
    const { callId } = random.pick(calls);
    const name = calls.length < MANY_CALLS ? random.weighted(WEIGHTS) : 'release';
    const answer = await this.counted(name, () => this.action(name, random)(client, callId, calls));
    if (name === 'retrieve' && answer?.status === 201) this.told.add(String(answer.body.callId));
  }

  private async dial(client: RestClient, random: Random): Promise<void> {
    this.begun++;
    const phoneNumber = random.pick([...EXTENSIONS, ...EXTENSIONS, ...OUTSIDE]);
    const answer = await this.counted('dial', () => client.send('POST', '', { phoneNumber }));
    if (answer?.status !== 201) return;
    this.dials++;
    this.told.add(String(answer.body.callId));
  }

  private action(name: keyof typeof WEIGHTS, random: Random): Action {
    if (name === 'release') return (client, callId) => client.release(callId);
    if (name === 'retrieve') return (client) => client.retrieve();
    if (name === 'blindTransfer')
      return (client, callId) => client.blindTransfer(callId, random.pick([...EXTENSIONS, ...OUTSIDE]));
    if (name === 'consultativeTransfer')
      return (client, callId, calls) => {
        const others = calls.filter((call) => call.callId !== callId);
        // A call cannot be transferred to itself: then it is looked at.
        if (others.length === 0) return client.send('GET', `${callId}/`);
        return client.consultativeTransfer(callId, random.pick(others).callId);
      };
    return (client, callId) => client.modify(callId, name);
  }

  private async press(phone: string, random: Random): Promise<void> {
    const what = random.weighted(PRESSES);
    if (what === 'dial') return this.callFrom(phone, random.pick([...EXTENSIONS, ...OUTSIDE]));
    if (what === 'does') return this.standIn.phoneDoes(phone, random.pick(HABITS));
    // Where there is nothing to pick up or to hold, nothing happens.
    await this.standIn.press(phone, what).catch(() => undefined);
  }

  private callIn(number: string, random: Random): Promise<void> {
    return random.share() < 0.3
      ? this.standIn.press(number, 'hang-up').catch(() => undefined)
      : this.callFrom(number, random.pick(NUMBERS_OF_USERS));
  }

  /** Without waiting for ever for an answer. */
  private async callFrom(phone: string, number: string): Promise<void> {
    this.begun++;
    this.phoneDials++;
    const dialled = this.standIn.dial(phone, number).catch(() => undefined);
    await Promise.race([dialled, delay(PATIENCE_MS)]);
  }

  private async counted(what: string, send: () => Promise<Answer>): Promise<Answer | undefined> {
    const answer = await send().catch((error: unknown) => {
      if (!this.mayFail) throw error;
      return undefined;
    });
    const name = answer ? inShort(what, answer) : `${what} nothing`;
    this.answers[name] = (this.answers[name] ?? 0) + 1;
    return answer;
  }
}

/** How often what is asked of a call. */
const WEIGHTS = {
  release: 4,
  hold: 4,
  reconnect: 3,
  blindTransfer: 3,
  consultativeTransfer: 3,
  retrieve: 1,
  startRecording: 2,
  pauseRecording: 1,
  resumeRecording: 1,
  stopRecording: 1,
};

const PRESSES: Record<Press | 'dial' | 'does', number> = {
  dial: 4,
  'hang-up': 4,
  'pick-up': 4,
  hold: 2,
  resume: 2,
  does: 2,
};

/** Mostly they answer. */
const HABITS: PhoneDoes[] = [
  { does: 'answers', afterMs: 0 },
  { does: 'answers', afterMs: 5 },
  { does: 'answers', afterMs: 50 },
  { does: 'rings' },
  { does: 'declines' },
  { does: 'busy' },
];

const NUMBERS_OF_USERS = ['+3212345600', '+3212345601', '+3212345603', '+3212345604'];

function inShort(what: string, { status, body }: Answer): string {
  return status < 300 ? `${what} ${status}` : `${what} ${status} ${String(body.detail)}`;
}
