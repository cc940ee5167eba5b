import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { CallRepository } from '../../calls/application/call-repository.js';
import type { Call } from '../../calls/domain/call.js';
import type { OnSwitch } from './accounts.js';
import type { AdoptCalls } from './adopt-calls.js';
import type { AtMost } from './at-most.js';
import { OneAtATime } from './one-at-a-time.js';
import type { XsiActions } from './xsi/actions.js';
import { within } from './within.js';
import type { SeenCall } from './xsi/seen-call.js';

/** For so long after the switch was asked, an event may tell of what was before the answer. Milliseconds. */
const QUIET_MS = 1_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** What keeps the calls of all users in step needs. */
export interface SyncServices {
  repository: CallRepository;
  adopt: AdoptCalls;
  actions(cluster: string): XsiActions;
  /** Whether the store is known to be away. */
  storeAway(): boolean;
  /** Lets only some of the users in doubt be asked for at the same time. */
  limit: AtMost;
  stopping: AbortSignal;
}

/**
 * Keeps what is stored of one user's calls what the switch says. Events, snapshots and answers of the switch take their
 * turns, so that each is compared with what the one before has left.
 */
export class SyncUser {
  private readonly logger = new Logger('SyncCalls');
  private readonly resyncs = new OneAtATime(() => this.turn(() => this.ask()));
  /** Ends that were told and wait for their turn: why a call has ended nobody else says. */
  private readonly ends = new Map<string, SeenCall>();
  private tail: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private quietUntil = 0;
  private doubtful = false;
  private settling = false;
  /** The last time the switch did not answer. */
  private failing = false;
  /** To be told of the next attempt. */
  private readonly untilAsked: (() => void)[] = [];

  constructor(
    private readonly services: SyncServices,
    private owner: OnSwitch,
  ) {}

  /** The same user, as the directory has them now. */
  isNow(owner: OnSwitch): this {
    this.owner = owner;
    return this;
  }

  /** Whether the switch is to be asked before what is stored can be believed. */
  get inDoubt(): boolean {
    return this.settling;
  }

  /**
   * Whether what is told now may be older than what is known. Where the store is away, what has happened meanwhile is
   * asked for in one go when it is back.
   */
  get mayBeOld(): boolean {
    return this.resyncs.busy || performance.now() < this.quietUntil || this.services.storeAway();
  }

  /** A call as the switch has told unasked. The end of a call is true whenever it was told. */
  event(seen: SeenCall): void {
    const isEnd = seen.state === 'Released';
    if (!isEnd && this.mayBeOld) return void this.doubt();
    if (isEnd) this.ends.set(seen.callId, seen);
    this.inTurn(async () => {
      this.ends.delete(seen.callId);
      const stored = await this.services.repository.find(seen.callId);
      await this.services.adopt.see(this.owner, seen, stored);
    });
  }

  /** Stores in its turn that a call has begun, unless the switch has told of it already and that is stored. */
  begin(callId: string, record: () => Promise<void>): Promise<void> {
    if (this.resyncs.busy) return record();
    return this.turn(async () => {
      const stored = await this.services.repository.find(callId).catch(() => undefined);
      if (!stored) await record();
    });
  }

  /** All calls of the user as the switch has told unasked. */
  snapshot(seen: SeenCall[]): void {
    if (this.mayBeOld) return void this.doubt();
    this.inTurn(async () => {
      const before = await this.services.repository.listOngoing(this.owner.user.ref);
      await this.compare(before, seen);
    });
  }

  /**
   * Something was missed: the switch is asked, until it has answered. Resolves when it has been asked since for the first
   * time, whatever came of it; at once where it does not answer and is asked again later.
   */
  doubt(): Promise<void> {
    this.doubtful = true;
    if (this.failing) return Promise.resolve();
    const asked = new Promise<void>((resolve) => this.untilAsked.push(resolve));
    if (!this.settling) void this.settle();
    return asked;
  }

  /** Resolves when what is stored is what the switch has said just now. @throws XsiError, StoreUnavailable */
  async resync(): Promise<void> {
    await this.resyncs.join();
  }

  /** As `resync`, and the switch is asked from now on. */
  async resyncAnew(): Promise<void> {
    await this.resyncs.fresh();
  }

  /** Resolves when what has come before is stored, or the time is up. */
  async settled(timeoutMs: number): Promise<void> {
    if (this.waiting === 0) return;
    await within(
      timeoutMs,
      this.tail.catch(() => undefined),
    );
  }

  private inTurn(task: () => Promise<void>): void {
    this.turn(task).catch((error: unknown) => {
      this.logger.warn(`What the switch has told is not stored, it is asked again: ${messageOf(error)}`);
      void this.doubt();
    });
  }

  private turn(task: () => Promise<void>): Promise<void> {
    this.waiting++;
    const result = this.tail.then(task, task).finally(() => this.waiting--);
    this.tail = result.catch(() => undefined);
    return result;
  }

  private async settle(): Promise<void> {
    const { limit, stopping } = this.services;
    this.settling = true;
    let pauseMs = FIRST_PAUSE_MS;
    while (this.doubtful && !stopping.aborted) {
      this.doubtful = false;
      const asked = this.untilAsked.splice(0);
      try {
        if (this.services.storeAway()) throw new Error('the store is away');
        await limit.run(() => this.resyncs.fresh());
        pauseMs = FIRST_PAUSE_MS;
        this.failing = false;
      } catch (error) {
        this.doubtful = this.failing = true;
        this.logger.debug(
          `A user of cluster ${this.owner.account.cluster} stays in doubt: ${messageOf(error)}`,
        );
      }
      for (const resolve of asked) resolve();
      if (!this.failing) continue;
      // Who came meanwhile is not kept for as long as it fails.
      for (const resolve of this.untilAsked.splice(0)) resolve();
      await pause(pauseMs * (0.5 + Math.random()), stopping);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
    this.settling = false;
    for (const resolve of this.untilAsked.splice(0)) resolve();
  }

  private async ask(): Promise<void> {
    const { repository, actions, stopping } = this.services;
    const { account, user } = this.owner;
    // Only what was stored before the switch was asked may be missing in its answer.
    const before = await repository.listOngoing(user.ref);
    const seen = await actions(account.cluster).calls(account.userId);
    const changed = await this.compare(before, seen, true);
    this.quietUntil = performance.now() + QUIET_MS;
    // Another process may have stored something newer than the answer meanwhile.
    if (changed) void pause(QUIET_MS, stopping).then(() => void (stopping.aborted || this.doubt()));
  }

  /**
   * @param stale what was stored since `before` may be newer than what is seen
   * @returns whether there was a difference, or there may be one
   */
  private async compare(before: Call[], seen: SeenCall[], stale = false): Promise<boolean> {
    const { repository, adopt } = this.services;
    let changed = false;
    for (const call of seen) {
      const stored = await repository.find(call.callId);
      if (stored?.state === 'Released') continue;
      const known = before.find(({ callId }) => callId === call.callId);
      if (stale && stored?.version !== known?.version) changed = true;
      else if (await adopt.see(this.owner, call, stored)) changed = true;
    }
    const gone = before.filter(({ callId }) => seen.every((call) => call.callId !== callId));
    for (const call of gone) if (await this.lookOnceMore(call)) changed = true;
    return changed;
  }

  /** It may have been detached, or have come after the answer was made. @returns as `compare` */
  private async lookOnceMore(call: Call): Promise<boolean> {
    const { repository, adopt, actions } = this.services;
    const { account } = this.owner;
    const asked = await actions(account.cluster).get(account.userId, call.callId);
    const seen = this.ends.get(call.callId) ?? asked;
    const stored = await repository.find(call.callId);
    if (!stored || stored.state === 'Released') return false;
    if (stored.version !== call.version) return true;
    if (seen && seen.state !== 'Idle') return adopt.see(this.owner, seen, stored);
    await adopt.end(stored);
    return true;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
