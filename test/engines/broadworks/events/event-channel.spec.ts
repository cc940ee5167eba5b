import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ChannelScene } from '../support/channel-scene.js';
import { expectSoon } from '../support/expect-soon.js';
import { callXml, PlayedSwitch } from '../support/played-switch.js';

Logger.overrideLogger(false);

describe('the event channel of a cluster', () => {
  let played: PlayedSwitch;
  let scene: ChannelScene;

  beforeEach(async () => {
    played = await PlayedSwitch.open();
  });
  afterEach(() => scene.close());

  it('opens, subscribes to each user, and is in step when all calls are known', async () => {
    scene = await new ChannelScene(played).start();
    expect(played.requests.slice(0, 3).map(({ kind, about }) => [kind, about])).toEqual([
      ['open', ''],
      ['subscribe', 'foouser'],
      ['subscribe', 'baruser'],
    ]);
    expect(scene.listener.told.slice(0, 2).toSorted()).toEqual(['snapshot baruser', 'snapshot foouser']);
    expect(scene.listener.told.slice(2)).toEqual(['in step']);
    expect(scene.channel.inStep).toBe(true);
    const [open, subscribe] = played.requests;
    expect(open?.body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Channel xmlns="http://schema.broadsoft.com/xsi">' +
        '<channelSetId>call-service-east</channelSetId><priority>1</priority><weight>50</weight><expires>60</expires></Channel>',
    );
    expect(subscribe?.body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Subscription xmlns="http://schema.broadsoft.com/xsi">' +
        '<event>Advanced Call</event><expires>3600</expires><channelSetId>call-service-east</channelSetId>' +
        '<applicationId>call-service</applicationId></Subscription>',
    );
  });

  it('is not in step before the calls of the last user have come', async () => {
    played.snapshots = false;
    scene = new ChannelScene(played, undefined, { snapshotWaitMs: 5_000 });
    scene.channel.start();
    await expectSoon(() => played.asked('subscribe').length === 2, 'not subscribed');
    played.tell('foouser', { type: 'CallSubscriptionEvent', calls: [callXml('call-1'), callXml('call-2')] });
    await scene.hears('snapshot foouser call-1 call-2');
    await delay(50);
    expect(scene.channel.inStep).toBe(false);
    played.tell('baruser', { type: 'CallSubscriptionEvent' });
    await scene.hears('in step');
  });

  it('asks for the calls of a user whom a subscription does not tell of', async () => {
    played.snapshots = false;
    scene = await new ChannelScene(played, ['foouser']).start();
    expect(scene.listener.told).toEqual(['doubt foouser', 'in step']);
  });

  it('of no users is in step as soon as it is open', async () => {
    scene = await new ChannelScene(played, []).start();
    expect(played.asked('subscribe')).toHaveLength(0);
  });

  it('passes events with their call, and why a recording was stopped', async () => {
    scene = await new ChannelScene(played).start();
    const heard = scene.listener.from();
    played.tell('foouser', { type: 'CallHeldEvent', calls: [callXml('call-1', 'Held')] });
    played.tell('baruser', {
      type: 'CallRecordingStoppedEvent',
      calls: [callXml('call-2')],
      reason: 'No Space',
    });
    played.tell('foouser', { type: 'HookStatusEvent' });
    await scene.hears('event foouser HookStatusEvent');
    expect(heard()).toEqual([
      'event foouser CallHeldEvent call-1 Held',
      'event baruser CallRecordingStoppedEvent call-2 Active No Space',
      'event foouser HookStatusEvent',
    ]);
  });

  it('takes all calls of a user from a resync of the switch', async () => {
    scene = await new ChannelScene(played).start();
    played.tell('foouser', {
      type: 'CallSubscriptionResyncEvent',
      calls: [callXml('call-1'), callXml('call-2')],
    });
    await scene.hears('snapshot foouser call-1 call-2');
  });

  it('understands bytes however they are cut', async () => {
    scene = await new ChannelScene(played, ['zoë']).start();
    const bytes = Buffer.from(
      played.event('zoë', { type: 'CallHeldEvent', calls: [callXml('call-ü', 'Held')] }),
    );
    for (let at = 0; at < bytes.length; at += 7) {
      played.send(bytes.subarray(at, at + 7));
      await delay(1);
    }
    await scene.hears('event zoë CallHeldEvent call-ü Held');
  });

  it('sends heartbeats at half of the life that the switch grants', async () => {
    played.channelExpires = 0.2;
    scene = await new ChannelScene(played).start();
    await expectSoon(() => played.asked('heartbeat').length >= 5, 'no heartbeats');
    const times = [...played.asked('open'), ...played.asked('heartbeat')].map(({ at }) => at);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThan(90);
    expect(pauses.toSorted((a, b) => a - b)[2]).toBeLessThan(180);
    expect(new Set(played.about('heartbeat'))).toEqual(new Set(['channel-1']));
    expect(played.asked('open')).toHaveLength(1);
  });

  it('sends heartbeats more often than at half of a long life', async () => {
    scene = await new ChannelScene(played, [], { longestHeartbeatMs: 60 }).start();
    await expectSoon(() => played.asked('heartbeat').length >= 3, 'no heartbeats');
  });

  it('tells and asks nothing any more once it is stopped', async () => {
    scene = await new ChannelScene(played, undefined, { longestHeartbeatMs: 300 }).start();
    await expectSoon(() => played.asked('acknowledge').length === 2, 'not acknowledged');
    const asked = played.requests.length;
    played.tell('foouser', { type: 'CallHeldEvent', calls: [callXml('call-1', 'Held')] });
    scene.channel.stop();
    scene.channel.stop();
    const heard = scene.listener.from();
    await delay(400);
    expect(heard()).toEqual([]);
    expect(scene.listener.told.at(-1)).toBe('out of step');
    expect(scene.channel.inStep).toBe(false);
    expect(played.requests.slice(asked)).toEqual([]);
    await expectSoon(() => played.channels === 0, 'channels are left open');
  });

  it('tells and asks nothing once somebody else may have it', async () => {
    scene = await new ChannelScene(played, undefined, {
      longestHeartbeatMs: 50,
      snapshotWaitMs: 100,
    }).start();
    await expectSoon(() => played.asked('acknowledge').length === 2, 'not acknowledged');
    played.snapshots = false;
    scene.channel.setUsers(['foouser', 'baruser', 'bazuser']);
    await expectSoon(() => played.asked('subscribe').length === 3, 'not subscribed to');
    await delay(20);
    scene.mayAct = false;
    const asked = played.requests.length;
    const heard = scene.listener.from();
    await delay(150);
    played.tell('foouser', { type: 'CallHeldEvent', calls: [callXml('call-1', 'Held')] });
    await expectSoon(() => played.channels === 0, 'the channel is still open');
    await delay(50);
    expect(heard()).toEqual([]);
    expect(scene.channel.inStep).toBe(false);
    expect(played.requests.slice(asked)).toEqual([]);
  });

  it('that is stopped while it opens lets go of what opens', async () => {
    played.answers.open = () => delay(100).then(() => undefined);
    scene = new ChannelScene(played);
    scene.channel.start();
    await expectSoon(() => played.asked('open').length > 0, 'not asked');
    scene.channel.stop();
    await delay(200);
    await expectSoon(() => played.channels === 0, 'channels are left open');
    expect(played.asked('subscribe')).toHaveLength(0);
    expect(scene.listener.told).toEqual([]);
  });
});
