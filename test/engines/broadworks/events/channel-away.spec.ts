import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ChannelScene } from '../support/channel-scene.js';
import { expectSoon } from '../support/expect-soon.js';
import { callXml, PlayedSwitch } from '../support/played-switch.js';

describe('a channel that goes away', () => {
  let played: PlayedSwitch;
  let scene: ChannelScene;
  let logged: string[];

  beforeEach(async () => {
    logged = [];
    const note = (line: string) => void logged.push(line);
    Logger.overrideLogger({ log: note, warn: note, error: note });
    played = await PlayedSwitch.open();
  });
  afterEach(async () => {
    await scene.close();
    Logger.overrideLogger(true);
  });

  const channelSets = () =>
    new Set(played.asked('open').map(({ body }) => /<channelSetId>(.*)<\/channelSetId>/.exec(body)?.[1]));

  /** The channel is opened again, its subscriptions are made sure of, and all calls are asked for. */
  async function expectBack(begun = ['foouser', 'baruser']): Promise<void> {
    await scene.hears('in step', 2);
    const heard = scene.listener.told.slice(scene.listener.told.indexOf('out of step'));
    expect(heard).toEqual(['out of step', 'doubtAll', 'in step']);
    expect(played.asked('open')).toHaveLength(2);
    expect(channelSets()).toEqual(new Set(['call-service-east']));
    expect(played.about('refresh').toSorted()).toEqual(begun.map((user) => played.idOf(user)).toSorted());
    expect(played.asked('subscribe')).toHaveLength(begun.length);
  }

  it('cut in the middle of an element, comes back', async () => {
    scene = await new ChannelScene(played).start();
    played.send(played.event('foouser', { calls: [callXml('call-1')] }).slice(0, 300));
    await delay(20);
    played.cut();
    await expectBack();
    played.tell('foouser', { calls: [callXml('call-2')] });
    await scene.hears('event foouser CallUpdatedEvent call-2 Active');
  });

  it('is not in step before the switch has been asked for all that may have been missed', async () => {
    scene = await new ChannelScene(played).start();
    const asked = scene.listener.holdsUp();
    played.cut();
    await scene.hears('doubtAll');
    await delay(50);
    expect(scene.channel.inStep).toBe(false);
    asked();
    await scene.hears('in step', 2);
    expect(scene.listener.count('doubtAll')).toBe(1);
  });

  it('that is cut again while the switch is asked has it asked again', async () => {
    scene = await new ChannelScene(played).start();
    const asked = scene.listener.holdsUp();
    played.cut();
    await scene.hears('doubtAll');
    played.cut();
    await expectSoon(() => played.asked('refresh').length === 4, 'not open again');
    await delay(50);
    asked();
    await scene.hears('in step', 2);
    expect(scene.listener.told.slice(-3)).toEqual(['doubtAll', 'doubtAll', 'in step']);
  });

  it('subscribes anew where the subscriptions went with it', async () => {
    scene = await new ChannelScene(played, ['foouser']).start();
    const first = played.idOf('foouser');
    played.answers.refresh = ({ about }) => (about === first ? 404 : undefined);
    played.cut();
    await scene.hears('in step', 2);
    expect(scene.listener.told.slice(2)).toEqual(['out of step', 'snapshot foouser', 'doubtAll', 'in step']);
  });

  it.each([401, 404])('whose heartbeat is answered with %i, comes back', async (status) => {
    played.channelExpires = 0.4;
    played.answers.heartbeat = ({ about }) => (about === 'channel-1' ? status : undefined);
    scene = await new ChannelScene(played).start();
    await expectBack();
    expect(played.about('heartbeat').filter((channel) => channel === 'channel-1')).toHaveLength(1);
  });

  it('whose heartbeat fails for now, stays, and the heartbeat is sent again before it is too late', async () => {
    played.channelExpires = 1;
    let failures = 2;
    played.answers.heartbeat = () => (failures-- > 0 ? 503 : undefined);
    scene = await new ChannelScene(played).start();
    await expectSoon(() => played.asked('heartbeat').length >= 4, 'no heartbeats');
    const [first, , third] = played.asked('heartbeat').map(({ at }) => at);
    expect((third ?? 0) - (first ?? 0)).toBeLessThan(450);
    expect(played.asked('open')).toHaveLength(1);
    expect(scene.channel.inStep).toBe(true);
  });

  it('whose heartbeats fail for all of its life, comes back', async () => {
    played.channelExpires = 0.3;
    played.answers.heartbeat = ({ about }) => (about === 'channel-1' ? 503 : undefined);
    scene = await new ChannelScene(played).start();
    await scene.hears('in step', 2);
    expect(played.about('heartbeat').filter((channel) => channel === 'channel-1').length).toBeGreaterThan(2);
  });

  it.each([
    'DuplicateChannelSet',
    'UserDeleted',
    'NonResponsiveChannel',
    'ExplicitDelete',
    'Expired',
    'UnknownChannel',
  ])('ended by the switch for %s, comes back; that alone is not acknowledged', async (reason) => {
    scene = await new ChannelScene(played).start();
    played.terminateChannel(reason);
    await expectBack();
    expect(played.about('acknowledge')).not.toContain('terminated');
    expect(logged.filter((line) => line.includes(reason))).toHaveLength(1);
  });

  it('does not go when the switch ends another', async () => {
    scene = await new ChannelScene(played).start();
    played.terminateChannel('DuplicateChannelSet', 'channel-of-before');
    await delay(100);
    expect(played.asked('open')).toHaveLength(1);
    expect(scene.channel.inStep).toBe(true);
  });

  it.each([
    [
      'ends an element that it did not begin',
      '<Event xmlns="http://schema.broadsoft.com/xsi"><a></b></Event>',
    ],
    ['has a document type', '<!DOCTYPE Event [<!ENTITY a "a">]><Event>&a;</Event>'],
    ['is no XML', 'HTTP/1.1 200 OK\r\n\r\n>'],
    ['has an event without id', '<Event xmlns="http://schema.broadsoft.com/xsi"><eventData/></Event>'],
  ])('when the stream %s, comes back', async (_, bytes) => {
    scene = await new ChannelScene(played).start();
    played.send(bytes);
    await expectBack();
  });

  it('that falls silent for twice its life, is given up and comes back', async () => {
    played.channelExpires = 0.25;
    played.beats = false;
    scene = await new ChannelScene(played).start();
    const [{ at: begun } = { at: 0 }] = played.asked('open');
    await expectSoon(() => played.asked('open').length >= 2, 'not given up');
    const [, { at: again } = { at: 0 }] = played.asked('open');
    expect(again - begun).toBeGreaterThan(490);
    expect(again - begun).toBeLessThan(5_000);
    await expectSoon(() => played.channels === 1, 'channels are left open');
    await scene.hears('doubtAll');
  });

  it('in which a document never ends, though bytes come, is given up and comes back', async () => {
    played.channelExpires = 0.2;
    played.beats = false;
    scene = await new ChannelScene(played).start();
    played.send('<Event xmlns="http://schema.broadsoft.com/xsi"><eventData>');
    const trickle = setInterval(() => played.send('a'), 20);
    await expectSoon(() => played.asked('open').length >= 2, 'not given up');
    clearInterval(trickle);
  });

  it('in which a document grows without end, is given up and comes back', async () => {
    scene = await new ChannelScene(played).start();
    played.send('<Event xmlns="http://schema.broadsoft.com/xsi"><eventData>');
    const flood = setInterval(() => played.send('a'.repeat(200_000)), 5);
    await expectSoon(() => played.asked('open').length >= 2, 'not given up');
    clearInterval(flood);
    await scene.hears('doubtAll');
  });

  it('is not taken to be open when the switch does not say which channel it is', async () => {
    played.mute = 1;
    scene = await new ChannelScene(played, ['foouser'], { openTimeoutMs: 100 }).start();
    expect(played.asked('open')).toHaveLength(2);
    await expectSoon(() => played.channels === 1, 'channels are left open');
    expect(scene.listener.told).toEqual(['snapshot foouser', 'in step']);
  });

  it('because the switch is away, is tried for with growing pauses, and said so once', async () => {
    scene = await new ChannelScene(played, ['foouser'], { firstPauseMs: 20, longestPauseMs: 150 }).start();
    played.answers.open = () => 503;
    logged.length = 0;
    played.cut();
    await delay(1_500);
    const times = played.asked('open').map(({ at }) => at);
    const pauses = times.slice(2).map((at, index) => at - (times[index + 1] ?? 0));
    expect(pauses.length).toBeGreaterThan(9);
    expect(pauses.length).toBeLessThan(30);
    expect(Math.max(...pauses)).toBeLessThan(400);
    const late = pauses.slice(4);
    expect(Math.min(...late)).toBeGreaterThan(70);
    expect(new Set(late.map(Math.round)).size).toBeGreaterThan(2);
    expect(logged).toEqual([expect.stringContaining('Events of cluster east are away')]);
    expect(scene.listener.told.slice(2)).toEqual(['out of step']);
    played.answers.open = () => undefined;
    await scene.hears('in step', 2);
    expect(logged).toHaveLength(2);
    expect(logged[1]).toMatch(/^Events of cluster east come again after \d\.\d s/);
  });

  it('because nothing listens there, comes back when something does', async () => {
    const { port } = played;
    scene = await new ChannelScene(played, ['foouser']).start();
    await played.goDown();
    await scene.hears('out of step');
    await delay(200);
    const again = await PlayedSwitch.open(port);
    try {
      again.answers.refresh = () => 404;
      await scene.hears('in step', 2);
      expect(again.about('subscribe')).toEqual(['foouser']);
    } finally {
      scene.channel.stop();
      await again.close();
    }
  });

  it('refused for our credentials, is tried for again, and said so once', async () => {
    let refused = 3;
    played.answers.open = () => (refused-- > 0 ? 401 : undefined);
    scene = await new ChannelScene(played, ['foouser']).start();
    expect(played.asked('open')).toHaveLength(4);
    expect(logged.filter((line) => line.includes('401'))).toHaveLength(1);
  });
});
