import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { HolderSettings } from '../../../../src/engines/broadworks/events/channel-holder.js';
import type { ChannelLease } from '../../../../src/engines/broadworks/events/channel-leases.js';
import { eventually } from '../../../support/wait.js';
import { expectSoon } from '../support/expect-soon.js';
import { callXml, PlayedSwitch } from '../support/played-switch.js';
import { LEASE_MS, Replica, SHORT } from '../support/replica.js';

Logger.overrideLogger(false);

describe('the channel of a cluster, of which one replica at a time is the holder', () => {
  let played: PlayedSwitch;
  let rows: Map<string, ChannelLease>;
  let replicas: Replica[];

  beforeEach(async () => {
    played = await PlayedSwitch.open();
    rows = new Map();
    replicas = [];
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await played.close();
  });

  function aReplica(timing?: HolderSettings['timing']): Replica {
    const replica = new Replica(played, rows, timing);
    replicas.push(replica);
    return replica;
  }

  async function holding(timing?: HolderSettings['timing']): Promise<Replica> {
    const replica = aReplica(timing);
    replica.holder.start();
    await replica.listener.hears('in step');
    return replica;
  }

  it('is taken by one, which subscribes to all; the others wait', async () => {
    const all = [aReplica(), aReplica(), aReplica()];
    for (const { holder } of all) holder.start();
    await expectSoon(
      () => all.some(({ listener }) => listener.told.includes('in step')),
      'nobody is in step',
    );
    await delay(2 * LEASE_MS);
    expect(all.filter(({ holder }) => holder.holds)).toHaveLength(1);
    expect(all.filter(({ listener }) => listener.told.length > 0)).toHaveLength(1);
    expect(played.asked('open')).toHaveLength(1);
    expect(played.about('subscribe')).toEqual(['foouser', 'baruser']);
  });

  it('is kept by whoever has it, by renewing the lease', async () => {
    const { holder, listener } = await holding();
    for (let look = 0; look < 60; look++) {
      expect(holder.holds).toBe(true);
      await delay(10);
    }
    expect(listener.told.slice(2)).toEqual(['in step']);
    expect(rows.get('east')?.inStep).toBe(true);
  });

  it('is held by another within 5 seconds of a crash, and in step', async () => {
    const first = aReplica({});
    first.holder.start();
    await first.hears('in step');
    const second = aReplica({});
    second.holder.start();
    const before = rows.get('east')?.expiresAt;
    await expectSoon(() => rows.get('east')?.expiresAt !== before, 'not renewed');
    first.crash();
    const crashed = performance.now();
    await second.hears('in step');
    expect(performance.now() - crashed).toBeLessThan(5_000);
    expect(second.listener.told.slice(0, 2).toSorted()).toEqual(['snapshot baruser', 'snapshot foouser']);
    expect(await second.holder.inStep).toBe(true);
  }, 20_000);

  it('is asked for by the next under the same channel set', async () => {
    const first = await holding();
    const second = aReplica();
    second.holder.start();
    first.crash();
    await second.hears('in step');
    const sets = played.asked('open').map(({ body }) => /<channelSetId>(.*)<\/channelSetId>/.exec(body)?.[1]);
    expect(sets).toEqual(['call-service-east', 'call-service-east']);
  });

  it('is let go at once by a holder that stops, and taken by the next long before the lease is over', async () => {
    const slow = { leaseMs: 60_000, renewMs: 60, firstPauseMs: 20 };
    const [first, second] = [aReplica(slow), aReplica(slow)];
    first.holder.start();
    await first.hears('in step');
    second.holder.start();
    await first.holder.stop();
    expect(first.listener.told.at(-1)).toBe('out of step');
    expect(first.holder.holds).toBe(false);
    await second.hears('in step');
  });

  it('is not acted on by a holder that was paused for longer than its lease', async () => {
    // A heartbeat is due when the process goes on.
    const { holder, listener } = await holding({ ...SHORT, longestHeartbeatMs: LEASE_MS - 100 });
    await expectSoon(() => played.asked('acknowledge').length === 2, 'not acknowledged');
    const other = { cluster: 'east', holder: 'other', expiresAt: Date.now() + 60_000, inStep: true };
    played.tell('foouser', { calls: [callXml('call-1')], eventId: 'meanwhile' });
    const heard = listener.from();
    const asked = played.requests.length;
    pause(LEASE_MS + 50);
    rows.set('east', other);
    expect(holder.holds).toBe(false);
    await delay(200);
    expect(heard()).toEqual(['out of step']);
    expect(played.requests.slice(asked)).toEqual([]);
    await expectSoon(() => played.channels === 0, 'channels are left open');
    expect(rows.get('east')).toEqual(other);
  });

  it('is gone on with by a holder that was paused for less', async () => {
    const { listener } = await holding();
    played.tell('foouser', { calls: [callXml('call-1')] });
    pause(LEASE_MS / 2);
    await listener.hears('event foouser CallUpdatedEvent call-1 Active');
    expect(listener.told).not.toContain('out of step');
  });

  it('is never held by two at once, whatever becomes of the store', async () => {
    const all = [aReplica(), aReplica(), aReplica(), aReplica()];
    for (const { holder } of all) holder.start();
    const end = performance.now() + 4_000;
    const holders = new Set<Replica>();
    while (performance.now() < end) {
      const now = all.filter(({ holder }) => holder.holds);
      expect(now.length).toBeLessThan(2);
      for (const each of now) holders.add(each);
      const { leases } = (Math.random() < 0.5 ? now[0] : undefined) ?? all[Math.floor(Math.random() * 4)]!;
      const chance = Math.random();
      if (chance < 0.02) leases.away = true;
      else if (chance < 0.05) leases.delay = delay(Math.random() * 2 * LEASE_MS);
      else if (chance < 0.07) leases.away = false;
      await delay(5);
    }
    expect(holders.size).toBeGreaterThan(1);
    for (const { leases } of all) leases.away = false;
  }, 20_000);

  it('is kept while the store is away for less than the lease, and lost when it is for longer', async () => {
    const { holder, listener, leases } = await holding();
    leases.away = true;
    await delay(LEASE_MS / 2);
    leases.away = false;
    await delay(LEASE_MS);
    expect(listener.told).not.toContain('out of step');
    leases.away = true;
    await listener.hears('out of step');
    expect(holder.holds).toBe(false);
    await expectSoon(() => played.channels === 0, 'the channel is still open');
    leases.away = false;
    await listener.hears('in step', 2);
  });

  it('is not opened where the store says too late that it was taken', async () => {
    const { holder, leases } = aReplica();
    leases.delay = delay(LEASE_MS + 20);
    holder.start();
    await delay(LEASE_MS);
    expect(played.asked('open')).toHaveLength(0);
    leases.delay = Promise.resolve();
    await expectSoon(() => holder.holds, 'not held');
  });

  it('follows the directory', async () => {
    const { holder, listener } = await holding();
    holder.setUsers(['foouser', 'bazuser']);
    await listener.hears('snapshot bazuser');
  });

  describe('seen by a replica that does not hold it', () => {
    let first: Replica;
    let second: Replica;

    beforeEach(async () => {
      first = await holding();
      second = aReplica();
    });

    async function expectInStep(yes: boolean, withinMs = 10_000): Promise<void> {
      const asExpected = async () => (await second.holder.inStep) === yes || undefined;
      await eventually(asExpected, () => (yes ? 'not in step' : 'still in step'), 5, withinMs);
    }

    it('is in step while the holder is', async () => {
      await expectInStep(true);
      played.answers.open = () => 503;
      played.cut();
      await expectInStep(false);
      played.answers.open = () => undefined;
      await expectInStep(true);
    });

    it('is seen to be in step, or not, long before the lease is renewed', async () => {
      await first.holder.stop();
      first = await holding({ ...SHORT, leaseMs: 60_000, renewMs: 20_000 });
      await expectInStep(true, 500);
      played.answers.open = () => 503;
      played.cut();
      await expectInStep(false, 500);
    });

    it('is not in step when the lease is over', async () => {
      await expectInStep(true);
      first.crash();
      await expectInStep(false, LEASE_MS + 100);
    });

    it('is not in step where nobody holds it, or the store does not say', async () => {
      await expectInStep(true);
      second.leases.away = true;
      await delay(50);
      expect(await second.holder.inStep).toBe(false);
      second.leases.away = false;
      await first.holder.stop();
      await delay(50);
      expect(await second.holder.inStep).toBe(false);
    });

    it('is looked for once for many who ask', async () => {
      const before = second.leases.looks;
      await Promise.all(Array.from({ length: 100 }, () => second.holder.inStep));
      for (let count = 0; count < 100; count++) await second.holder.inStep;
      expect(second.leases.looks - before).toBeLessThanOrEqual(2);
    });
  });
});

/** The whole process stands still, as after SIGSTOP. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
