import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../../support/wait.js';
import { ChannelScene } from '../support/channel-scene.js';
import { expectSoon } from '../support/expect-soon.js';
import { callXml, PlayedSwitch } from '../support/played-switch.js';

Logger.overrideLogger(false);

const line = (sequence: number) => `event foouser CallUpdatedEvent call-${sequence} Active`;

describe('events that come doubled, late, in another order or not at all', () => {
  let played: PlayedSwitch;
  let scene: ChannelScene;
  let heard: () => string[];

  beforeEach(async () => {
    played = await PlayedSwitch.open();
    scene = await new ChannelScene(played).start();
    heard = scene.listener.from();
  });
  afterEach(() => scene.close());

  /** An event with this number, about a call of that name. */
  const numbered = (sequence: number, eventId = `numbered-${sequence}`) =>
    played.tell('foouser', {
      type: 'CallUpdatedEvent',
      calls: [callXml(`call-${sequence}`)],
      sequence,
      eventId,
    });
  async function acknowledged(...events: string[]): Promise<void> {
    await eventually(
      () => events.every((event) => played.about('acknowledge').includes(event)) || undefined,
      () => `not acknowledged: ${events.join(', ')}, but ${played.about('acknowledge').join(', ')}`,
      5,
    );
  }

  it('are acknowledged, each of them, with 200 OK', async () => {
    played.tell('foouser', { type: 'CallHeldEvent', calls: [callXml('call-1')], eventId: 'held' });
    played.tell('stranger', { type: 'CallHeldEvent', calls: [callXml('call-1')], eventId: 'of-nobody' });
    played.tell('baruser', { type: 'SubscriptionTerminatedEvent', eventId: 'ended' });
    await acknowledged('held', 'of-nobody', 'ended');
    expect(played.asked('acknowledge').find(({ about }) => about === 'held')?.body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><EventResponse xmlns="http://schema.broadsoft.com/xsi">' +
        '<eventID>held</eventID><statusCode>200</statusCode><reason>OK</reason></EventResponse>',
    );
    expect(heard()).not.toContain('event stranger CallHeldEvent call-1 Active');
  });

  it('are acknowledged again where the switch was not there', async () => {
    let failures = 1;
    played.answers.acknowledge = ({ about }) => (about === 'numbered-2' && failures-- > 0 ? 503 : undefined);
    numbered(2);
    await expectSoon(
      () => played.about('acknowledge').filter((event) => event === 'numbered-2').length === 2,
      'not acknowledged again',
    );
  });

  it('are told once when they are doubled', async () => {
    for (const sequence of [2, 2, 3, 2, 3, 4]) numbered(sequence);
    await scene.hears(line(4));
    expect(heard()).toEqual([line(2), line(3), line(4)]);
    await expectSoon(
      () => played.about('acknowledge').filter((event) => event === 'numbered-2').length === 3,
      'the doubled one is not acknowledged',
    );
  });

  it('put the user in doubt once for a gap, and the channel goes on', async () => {
    numbered(2);
    numbered(5);
    numbered(6);
    await scene.hears(line(6));
    expect(heard()).toEqual([line(2), line(5), 'doubt foouser', line(6)]);
    expect(played.asked('open')).toHaveLength(1);
    expect(scene.channel.inStep).toBe(true);
  });

  it('are dropped when a newer one has overtaken them', async () => {
    for (const sequence of [2, 4, 3, 5]) numbered(sequence);
    await scene.hears(line(5));
    expect(heard()).toEqual([line(2), line(4), 'doubt foouser', line(5)]);
    await acknowledged('numbered-2', 'numbered-3', 'numbered-4', 'numbered-5');
  });

  it('have no gap where the numbers begin anew after 2147483647', async () => {
    played.tell('foouser', { type: 'CallSubscriptionResyncEvent', sequence: 2_147_483_646 });
    await scene.hears('doubt foouser');
    const after = scene.listener.from();
    numbered(2_147_483_647);
    numbered(1);
    numbered(2);
    await scene.hears(line(2));
    expect(after()).toEqual([line(2_147_483_647), line(1), line(2)]);
  });

  it('have a sequence for each subscription', async () => {
    numbered(2);
    played.tell('baruser', { type: 'CallUpdatedEvent', calls: [callXml('other')], sequence: 2 });
    numbered(3);
    await scene.hears(line(3));
    expect(heard()).toEqual([line(2), 'event baruser CallUpdatedEvent other Active', line(3)]);
  });

  it('of a subscription that somebody had before are acknowledged and dropped', async () => {
    played.tell('foouser', {
      calls: [callXml('call-1')],
      subscriptionId: 'former',
      eventId: 'former',
      sequence: 900,
    });
    await acknowledged('former');
    numbered(2);
    await scene.hears(line(2));
    expect(heard()).toEqual([line(2)]);
  });

  it('whose call cannot be understood put its user in doubt, and the channel goes on', async () => {
    played.tell('foouser', {
      calls: ['<xsi:call><xsi:callId>call-1</xsi:callId></xsi:call>'],
      eventId: 'odd',
    });
    played.tell('baruser', { type: 'CallHeldEvent', calls: [callXml('call-2', 'Held')] });
    await scene.hears('event baruser CallHeldEvent call-2 Held');
    expect(heard()).toEqual(['doubt foouser', 'event baruser CallHeldEvent call-2 Held']);
    await acknowledged('odd');
    expect(played.asked('open')).toHaveLength(1);
  });

  it('are acknowledged some at a time', async () => {
    let atOnce = 0;
    let most = 0;
    played.answers.acknowledge = async () => {
      most = Math.max(most, ++atOnce);
      await delay(5);
      atOnce--;
      return undefined;
    };
    for (let sequence = 2; sequence < 102; sequence++) numbered(sequence);
    await acknowledged(...Array.from({ length: 100 }, (_, index) => `numbered-${index + 2}`));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });
});
