import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, CallView, RestClient } from '../rest-client.js';
import { Random } from './random.js';
import type { PhoneDoes, Press, StandIn } from './stand-in.js';

/** Users who call over REST, and their phones. */
export const CALLERS = ['foouser', 'baruser', 'bazuser', 'pauseuser', 'demanduser'] as const;
export const PHONES = [
  'LP_foouser',
  'MB_foouser',
  'LP_baruser',
  'LP_bazuser',
  'LP_pauseuser',
  'LP_demanduser',
].map((name) => `${name}@sip.example.test`);
const EXTENSIONS = ['5600', '5601', '5602', '5603', '5604'];
/** Of the world outside: they answer, are busy, ring, decline, hang up, hold, say nothing, are not in service. */
const OUTSIDE = ['78', '78', '78', '80', '81', '82', '83', '84', '85', '86'].map((end) => `+32123456${end}`);
const OUTSIDE_PHONES = ['+32470000001', '+32470000002'];

/** So many clients of each user at once. */
const AT_ONCE = 2;
/** At most between one request of a client and the next, and between two presses of a phone's keys. Milliseconds. */
const CLIENT_PAUSE_MS = 20;
const PHONE_PAUSE_MS = 200;
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
    const actors = [
      ...clients.map((client) => [(random: Random) => this.ask(client, random), CLIENT_PAUSE_MS] as const),
      ...PHONES.map((phone) => [(random: Random) => this.press(phone, random), PHONE_PAUSE_MS] as const),
      ...OUTSIDE_PHONES.map(
        (phone) => [(random: Random) => this.callIn(phone, random), PHONE_PAUSE_MS] as const,
      ),
    ];
    await Promise.all(
      actors.map(([act, pauseMs], index) => this.loop(act, pauseMs, new Random(this.seed + index))),
    );
  }

  cease(): void {
    this.until = 0;
  }

  private async loop(act: (random: Random) => Promise<void>, pauseMs: number, random: Random): Promise<void> {
    while (this.begun < this.until) {
      await act(random);
      await delay(random.below(pauseMs));
    }
  }

  private async ask(client: RestClient, random: Random): Promise<void> {
    const listed = await this.counted('list', () => client.send('GET', '?includeDetails=true'));
    const calls = (listed?.body.calls ?? []) as CallView[];
    if (calls.length === 0 || (calls.length < MANY_CALLS && random.share() < 0.25))
      return this.dial(client, random);
    const call = random.pick(calls);
    const { callId } = call;
    const name = calls.length < MANY_CALLS ? actionFor(call, calls.length > 1, random) : 'release';
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

  private action(name: ActionName, random: Random): Action {
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
    return random.share() < 0.5
      ? this.standIn.press(number, 'hang-up').catch(() => undefined)
      : this.callFrom(number, random.pick(NUMBERS_OF_USERS));
  }

  /** Without waiting for ever for an answer. */
  private async callFrom(phone: string, number: string): Promise<void> {
    this.begun++;
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

const ACTIONS = [
  'release',
  'hold',
  'reconnect',
  'blindTransfer',
  'consultativeTransfer',
  'retrieve',
  'startRecording',
  'pauseRecording',
  'resumeRecording',
  'stopRecording',
] as const;
type ActionName = (typeof ACTIONS)[number];

/** Mostly what the call allows, now and then anything. */
function actionFor(call: CallView, beside: boolean, random: Random): ActionName {
  if (random.share() < 0.2) return random.pick(ACTIONS);
  const controls = call.allowedRecordingControls?.split('-') ?? [];
  const fitting: ActionName[] = [
    'release',
    ...(call.state === 'Active' ? (['hold', 'hold', 'blindTransfer', 'retrieve'] as const) : []),
    ...(call.state === 'Held' ? (['reconnect'] as const) : []),
    ...(call.state === 'Held' && beside ? (['consultativeTransfer', 'consultativeTransfer'] as const) : []),
    ...controls.flatMap((control) => RECORDING[control] ?? []),
  ];
  return random.pick(fitting);
}

const RECORDING: Record<string, ActionName[]> = {
  record: ['startRecording'],
  pause: ['pauseRecording'],
  resume: ['resumeRecording'],
  stop: ['stopRecording'],
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
  ...[0, 0, 5, 5, 20, 20, 50].map((afterMs) => ({ does: 'answers', afterMs }) as const),
  { does: 'rings' },
  { does: 'declines' },
  { does: 'busy' },
];

const NUMBERS_OF_USERS = ['+3212345600', '+3212345601', '+3212345603', '+3212345604'];

function inShort(what: string, { status, body }: Answer): string {
  return status < 300 ? `${what} ${status}` : `${what} ${status} ${String(body.detail)}`;
}
