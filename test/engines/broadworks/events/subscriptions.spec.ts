import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ChannelScene } from '../support/channel-scene.js';
import { expectSoon } from '../support/expect-soon.js';
import { callXml, PlayedSwitch } from '../support/played-switch.js';

Logger.overrideLogger(false);

describe('the subscriptions of a channel', () => {
  let played: PlayedSwitch;
  let scene: ChannelScene;

  beforeEach(async () => {
    played = await PlayedSwitch.open();
  });
  afterEach(() => scene.close());

  it('are asked for at most 16 at a time, however many users there are', async () => {
    played.answers.subscribe = () => delay(3).then(() => undefined);
    scene = await new ChannelScene(
      played,
      Array.from({ length: 500 }, (_, index) => `user${index}`),
    ).start();
    expect(new Set(played.about('subscribe')).size).toBe(500);
    expect(played.asked('subscribe')).toHaveLength(500);
  });

  it('leave no more than 16 requests under way', async () => {
    played.snapshots = false;
    played.answers.subscribe = () => delay(3).then(() => undefined);
    scene = await new ChannelScene(
      played,
      Array.from({ length: 200 }, (_, index) => `user${index}`),
    ).start();
    expect(played.mostAtOnce).toBeGreaterThan(8);
    expect(played.mostAtOnce).toBeLessThanOrEqual(16);
  });

  it('are refreshed at half of their life', async () => {
    played.subscriptionExpires = 0.4;
    scene = await new ChannelScene(played, ['foouser']).start();
    const [asked] = played.asked('subscribe');
    await expectSoon(() => played.asked('refresh').length >= 3, 'not refreshed');
    const times = [asked, ...played.asked('refresh')].map((request) => request?.at ?? 0);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThan(190);
    expect(pauses.toSorted((a, b) => a - b)[1]).toBeLessThan(300);
    expect(new Set(played.about('refresh'))).toEqual(new Set([played.idOf('foouser')]));
    expect(played.asked('subscribe')).toHaveLength(1);
    expect(scene.listener.told).toEqual(['snapshot foouser', 'in step']);
  });

  it.each([404, 403])('begin anew where a refresh is answered with %i', async (status) => {
    played.subscriptionExpires = 0.4;
    scene = await new ChannelScene(played, ['foouser']).start();
    const first = played.idOf('foouser');
    played.answers.refresh = ({ about }) => (about === first ? status : undefined);
    await scene.hears('in step', 2);
    expect(scene.listener.told).toEqual([
      'snapshot foouser',
      'in step',
      'out of step',
      'snapshot foouser',
      'in step',
    ]);
    expect(played.idOf('foouser')).not.toBe(first);
  });

  it('stay while a refresh fails for now, which is tried again', async () => {
    played.subscriptionExpires = 1;
    scene = await new ChannelScene(played, ['foouser']).start();
    let failures = 2;
    played.answers.refresh = () => (failures-- > 0 ? 503 : undefined);
    await expectSoon(() => played.asked('refresh').length === 3, 'not tried again');
    await delay(50);
    expect(scene.listener.told).toEqual(['snapshot foouser', 'in step']);
  });

  it('begin anew when the switch ends one', async () => {
    scene = await new ChannelScene(played).start();
    const heard = scene.listener.from();
    const ended = played.idOf('foouser');
    played.tell('foouser', { type: 'SubscriptionTerminatedEvent' });
    await scene.hears('in step', 2);
    expect(heard()).toEqual(['out of step', 'snapshot foouser', 'in step']);
    expect(played.idOf('foouser')).not.toBe(ended);
    played.tell('foouser', { type: 'SubscriptionTerminatedEvent', subscriptionId: ended ?? '' });
    await delay(50);
    expect(played.asked('subscribe')).toHaveLength(3);
    expect(scene.channel.inStep).toBe(true);
  });

  it('that are there already, of a former holder, are taken with their first event, and the switch is asked', async () => {
    played.answers.subscribe = () => 409;
    scene = await new ChannelScene(played, ['foouser'], { refusedPauseMs: 10_000 }).start();
    expect(scene.listener.told).toEqual(['doubt foouser', 'in step']);
    played.tell('foouser', { calls: [callXml('call-1')], subscriptionId: 'former', sequence: 77 });
    await scene.hears('event foouser CallUpdatedEvent call-1 Active');
    await expectSoon(() => played.about('refresh').includes('former'), 'not refreshed');
    played.tell('foouser', { calls: [callXml('call-1')], subscriptionId: 'former', sequence: 79 });
    await scene.hears('doubt foouser', 2);
    expect(played.asked('subscribe')).toHaveLength(1);
    expect(scene.channel.inStep).toBe(true);
  });

  it('that are there already are not in step before the switch has been asked for their calls', async () => {
    played.answers.subscribe = () => 409;
    scene = new ChannelScene(played, ['foouser'], { refusedPauseMs: 10_000 });
    const asked = scene.listener.holdsUp();
    scene.channel.start();
    await scene.hears('doubt foouser');
    await delay(50);
    expect(scene.channel.inStep).toBe(false);
    asked();
    await scene.hears('in step');
  });

  it('that are there already, and silent, are asked for again, since they may be over', async () => {
    let there = true;
    played.answers.subscribe = () => (there ? 409 : undefined);
    scene = await new ChannelScene(played, ['foouser'], { refusedPauseMs: 50 }).start();
    await expectSoon(() => played.asked('subscribe').length >= 3, 'not asked for again');
    expect(scene.listener.told).toEqual(['doubt foouser', 'in step']);
    there = false;
    await scene.hears('snapshot foouser');
    expect(scene.listener.told).not.toContain('out of step');
  });

  it('that the switch refuses hold up no other user; the switch is asked for those calls instead', async () => {
    let refuses = true;
    played.answers.subscribe = ({ about }) => (refuses && about === 'baruser' ? 404 : undefined);
    scene = await new ChannelScene(played, undefined, { refusedPauseMs: 50 }).start();
    await scene.hears('doubt baruser', 3);
    expect(scene.channel.inStep).toBe(true);
    refuses = false;
    await scene.hears('snapshot baruser');
    const asked = played.asked('subscribe').length;
    await delay(150);
    expect(played.asked('subscribe')).toHaveLength(asked);
  });

  it.each([401, 503])('that fail with %i keep the channel out of step until they succeed', async (status) => {
    let failures = 2;
    played.answers.subscribe = ({ about }) => (about === 'baruser' && failures-- > 0 ? status : undefined);
    scene = await new ChannelScene(played).start();
    expect(played.about('subscribe').filter((user) => user === 'baruser')).toHaveLength(3);
    expect(scene.listener.told.at(-1)).toBe('in step');
    expect(scene.listener.told).not.toContain('doubt baruser');
  });

  it('follow the directory: new users are subscribed to, others no longer', async () => {
    scene = await new ChannelScene(played).start();
    const heard = scene.listener.from();
    const left = played.idOf('baruser');
    scene.channel.setUsers(['foouser', 'bazuser']);
    await scene.hears('in step', 2);
    expect(heard()).toEqual(['out of step', 'snapshot bazuser', 'in step']);
    await expectSoon(() => played.asked('unsubscribe').length === 1, 'still subscribed to');
    expect(played.about('unsubscribe')).toEqual([left]);
    expect(played.about('subscribe')).toEqual(['foouser', 'baruser', 'bazuser']);
    played.tell('baruser', { calls: [callXml('call-1')] });
    played.tell('foouser', { calls: [callXml('call-2')] });
    await scene.hears('event foouser CallUpdatedEvent call-2 Active');
    expect(heard()).not.toContain('event baruser CallUpdatedEvent call-1 Active');
  });

  it('of a user who is taken out and put back at once stay one', async () => {
    scene = await new ChannelScene(played).start();
    scene.channel.setUsers(['baruser']);
    scene.channel.setUsers(['foouser', 'baruser']);
    await scene.hears('in step', 2);
    played.tell('foouser', { calls: [callXml('call-1')] });
    await scene.hears('event foouser CallUpdatedEvent call-1 Active');
  });
});
