import { setTimeout as delay } from 'node:timers/promises';
import { CountingMedia } from './counting-media.js';
import { EngineUnderTest } from './engine.js';
import type { SipHandlers } from '../../src/sip/stack.js';
import { type PhoneOptions, SipPhone } from './sip-phone.js';

/** Milliseconds; a phone gives a request up after 64 × t1. */
const TIMERS = { t1: 20, t2: 160, t4: 200 };
/** What a store takes, so that there is a time before and after. */
const STORE_MS = 3;
/** No message for so long: all is done. */
const QUIET_MS = 8 * TIMERS.t1;
/** A call that rings is over long before. */
const NEVER_QUIET_MS = 20_000;

/** The engine with phones of three users, on fast timers, every message counted. */
export class Scene {
  readonly media = new CountingMedia();
  readonly under = new EngineUnderTest(
    { transferTimeoutMs: 400, retrieveTimeoutMs: 400, timers: TIMERS },
    this.media,
  );
  foo!: SipPhone;
  mobile!: SipPhone;
  bar!: SipPhone;
  baz!: SipPhone;
  /** SIP messages and stored steps. */
  happened = 0;
  private lastAt = 0;
  /** The latest of them, for whoever has to find out why it never ends. */
  lastEvents: string[] = [];
  /** Called with the number of each message and step. */
  onEvent: (count: number) => void = () => undefined;

  async start(): Promise<void> {
    this.under.stored = () => {
      this.note('a step is stored');
      return delay(STORE_MS);
    };
    await this.under.start();
    const register = (user: string) =>
      SipPhone.register(user, this.under.engine.address, this.optionsOf(user));
    [this.foo, this.bar, this.baz] = (await Promise.all(
      ['LP_foouser', 'LP_baruser', 'LP_bazuser'].map(register),
    )) as [SipPhone, SipPhone, SipPhone];
  }

  async addMobile(): Promise<void> {
    const user = 'MB_foouser';
    this.mobile = await SipPhone.register(user, this.under.engine.address, this.optionsOf(user));
  }

  private optionsOf(user: string): PhoneOptions {
    const onTraffic: SipHandlers['onTraffic'] = (data, direction) =>
      this.note(`${user} ${direction} ${data.subarray(0, data.indexOf('\r')).toString()}`);
    return { timers: TIMERS, onTraffic };
  }

  get phones(): SipPhone[] {
    return [this.foo, this.bar, this.baz, ...(this.mobile ? [this.mobile] : [])];
  }

  async stop(): Promise<void> {
    await Promise.all([...this.phones.map((phone) => phone.stop()), this.under.stop()]);
  }

  async active(number: string, other: string): Promise<string> {
    const callId = await this.under.dial(number);
    await this.under.reaches(callId, 'Active');
    await this.under.userReaches(other, 'Active');
    await this.quiet();
    return callId;
  }

  /** @throws Error with the last messages when they do not end */
  async quiet(): Promise<void> {
    const began = performance.now();
    while (performance.now() - Math.max(this.lastAt, began) < QUIET_MS) {
      if (performance.now() - began > NEVER_QUIET_MS)
        throw new Error(`It never becomes quiet: ${this.lastEvents.join(', ')}`);
      await delay(QUIET_MS / 4);
    }
  }

  private note(what: string): void {
    this.lastAt = performance.now();
    this.lastEvents = [...this.lastEvents.slice(-20), what];
    this.onEvent(++this.happened);
  }
}
