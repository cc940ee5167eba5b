import { setTimeout as delay } from 'node:timers/promises';
import { EventStream, subscribe } from './event-stream.js';
import { ANSWERS, BAR, FOO, FOO_MOBILE, FOO_PHONE, RINGS, valueIn, Wire } from './xsi-wire.js';

const EVENTS = '/com.broadsoft.xsi-events/v2.0';

let wire: Wire;
let stream: EventStream;
beforeEach(async () => {
  wire = await Wire.start();
  stream = await EventStream.open(wire);
});
afterEach(async () => {
  stream.stop();
  await wire.close();
});

describe('a channel', () => {
  it('begins with its id and how long it lives', () => {
    expect(stream.documents[0]).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\s*<Channel xmlns="http:\/\/schema\.broadsoft\.com\/xsi".*><channelId>[^<]+<\/channelId><expires>60<\/expires><\/Channel>$/,
    );
  });

  it('lives on by heartbeats, and expires without', async () => {
    const short = await EventStream.open(wire, 'short', 1);
    await short.document('<ChannelHeartBeat');
    for (let beats = 0; beats < 4; beats++) {
      await delay(400);
      expect((await short.heartbeat()).status).toBe(200);
    }
    expect(short.ended).toBe(false);
    expect(await short.document('ChannelTerminatedEvent')).toContain('<xsi:reason>Expired</xsi:reason>');
    await short.done();
    expect((await short.heartbeat()).status).toBe(404);
  }, 10_000);

  it('gives way to a new one of the same set', async () => {
    await stream.subscribe(FOO);
    const next = await EventStream.open(wire);
    expect(await stream.document('ChannelTerminatedEvent')).toContain('DuplicateChannelSet');
    await stream.done();
    await wire.dial(FOO, RINGS);
    await next.document('CallOriginatingEvent');
    next.stop();
  });

  it('ends when its client deletes it', async () => {
    expect((await wire.ask('DELETE', `${EVENTS}/channel/${stream.channelId}`)).status).toBe(200);
    expect(await stream.document('ChannelTerminatedEvent')).toContain('ExplicitDelete');
    await stream.done();
  });

  describe('of which ten events have come', () => {
    let strict: Wire;
    let listening: EventStream;
    beforeEach(async () => {
      strict = await Wire.start({ ackTimeoutMs: 300 });
      listening = await EventStream.open(strict);
      await listening.subscribe(FOO);
      for (const phone of [FOO_PHONE, FOO_MOBILE]) await strict.phone(phone, 'rings');
      for (let calls = 0; calls < 9; calls++) await strict.dial(FOO, RINGS);
      await delay(400);
    });
    afterEach(async () => {
      listening.stop();
      await strict.close();
    });

    it('ends when they are not acknowledged for long', async () => {
      await strict.dial(FOO, RINGS);
      expect(await listening.document('ChannelTerminatedEvent')).toContain('NonResponsiveChannel');
      await listening.done();
    });

    it('goes on when they are', async () => {
      await listening.acknowledgeAll();
      await strict.dial(FOO, RINGS);
      await delay(20);
      expect(listening.text).not.toContain('ChannelTerminatedEvent');
    });
  });

  it('is opened under com.broadsoft.async alone', async () => {
    const body = '<Channel><channelSetId>x</channelSetId><expires>9</expires></Channel>';
    expect((await wire.ask('POST', `${EVENTS}/channel`, body)).status).toBe(404);
  });
});

describe('a subscription', () => {
  it('starts with the calls that there are', async () => {
    const { callId } = await wire.dial(FOO, ANSWERS);
    await wire.waitFor(FOO, 'Active');
    const id = await stream.subscribe(FOO);
    const event = await stream.document('CallSubscriptionEvent');
    expect(event).toContain(
      '<xsi:Event xmlns:xsi="http://schema.broadsoft.com/xsi" xmlns:xsi1="http://www.w3.org/2001/XMLSchema-instance" xsi1:type="xsi:SubscriptionEvent">',
    );
    expect(event).toContain(`<xsi:calls><xsi:call><xsi:callId>${callId}</xsi:callId>`);
    expect(valueIn(event, 'subscriptionId')).toBe(id);
    expect(valueIn(event, 'channelId')).toBe(stream.channelId);
    expect(valueIn(event, 'userId')).toBe(FOO);
    expect(valueIn(event, 'targetId')).toBe(FOO);
    expect(valueIn(event, 'sequenceNumber')).toBe('1');
  });

  it('tells each step of a call, to both users', async () => {
    await stream.subscribe(FOO);
    await stream.subscribe(BAR);
    const { foo } = await wire.fooTalksWithBar();
    await wire.command(FOO, foo.callId, 'Hold');
    await wire.command(FOO, foo.callId, 'Talk');
    await wire.calls('DELETE', FOO, `/${foo.callId}`);
    await stream.document('<xsi:releasingParty>remoteRelease');
    const of = (user: string) =>
      stream.types.filter(
        (type, at) => stream.events[at]?.includes(`<xsi:targetId>${user}<`) && !/Recording/.test(type),
      );
    expect(of(FOO)).toEqual([
      'CallSubscriptionEvent',
      'CallOriginatingEvent',
      'CallOriginatedEvent',
      'CallAnsweredEvent',
      'CallHeldEvent',
      'CallRetrievedEvent',
      'CallReleasedEvent',
    ]);
    expect(of(BAR)).toEqual([
      'CallSubscriptionEvent',
      'CallReceivedEvent',
      'CallAnsweredEvent',
      'CallUpdatedEvent',
      'CallUpdatedEvent',
      'CallReleasedEvent',
    ]);
  });

  it('names the device that carries the call, and the party in characters of all kinds', async () => {
    await stream.subscribe(FOO);
    await wire.fooTalksWithBar();
    const event = await stream.document('CallAnsweredEvent');
    expect(event).toContain(
      '<xsi:endpoint xsi1:type="xsi:AccessEndpoint"><xsi:addressOfRecord>LP_foouser@sip.example.test',
    );
    expect(event).toContain('<xsi:name>Bär &amp; Söhne</xsi:name>');
  });

  it('tells why a call ended', async () => {
    await stream.subscribe(FOO);
    await wire.dial(FOO, '+3212345680');
    const event = await stream.document('CallReleasedEvent');
    expect(valueIn(event, 'internalReleaseCause')).toBe('Busy');
    expect(valueIn(event, 'releasingParty')).toBe('remoteRelease');
    expect(valueIn(event, 'state')).toBe('Released');
  });

  it('numbers its events without a gap, and begins again after 2147483647', async () => {
    await stream.subscribe(FOO);
    await stream.document('CallSubscriptionEvent');
    await wire.control('PUT', 'sequence', { next: 2_147_483_646 });
    await wire.dial(FOO, ANSWERS);
    await stream.document('CallAnsweredEvent');
    expect(stream.numbers).toEqual([1, 2_147_483_646, 2_147_483_647, 1]);
  });

  it('outlives its channel; what happens meanwhile is lost, but counted', async () => {
    const id = await stream.subscribe(FOO);
    await stream.document('CallSubscriptionEvent');
    expect(await wire.control('POST', 'channels/cut')).toEqual({ cut: 1 });
    await stream.done();
    await wire.phone(FOO_PHONE, 'rings');
    await wire.phone(FOO_MOBILE, 'rings');
    await wire.dial(FOO, ANSWERS);
    const next = await EventStream.open(wire);
    await wire.press(FOO_PHONE, 'pick-up');
    const event = await next.document('CallOriginatedEvent');
    expect(valueIn(event, 'subscriptionId')).toBe(id);
    expect(valueIn(event, 'sequenceNumber')).toBe('3');
    next.stop();
  });

  it('that is repeated is the same one, and tells the calls again', async () => {
    const id = await stream.subscribe(FOO);
    expect(await stream.subscribe(FOO)).toBe(id);
    await wire.dial(FOO, RINGS);
    await stream.document('CallOriginatingEvent');
    expect(stream.types).toEqual(['CallSubscriptionEvent', 'CallSubscriptionEvent', 'CallOriginatingEvent']);
  });

  it('ends after its time, unless it is refreshed', async () => {
    const id = await stream.subscribe(FOO, 1);
    await delay(700);
    const refresh = await wire.ask(
      'PUT',
      `${EVENTS}/subscription/${id}`,
      '<Subscription><expires>1</expires></Subscription>',
    );
    expect(valueIn(refresh.body, 'subscriptionId')).toBe(id);
    await delay(700);
    expect(stream.types).not.toContain('SubscriptionTerminatedEvent');
    await stream.document('SubscriptionTerminatedEvent');
    expect((await wire.ask('PUT', `${EVENTS}/subscription/${id}`, '<Subscription/>')).status).toBe(404);
  });

  it('ends when its client deletes it, and tells nothing more', async () => {
    const id = await stream.subscribe(FOO);
    expect((await wire.ask('DELETE', `${EVENTS}/subscription/${id}`)).status).toBe(200);
    await stream.document('SubscriptionTerminatedEvent');
    await wire.dial(FOO, ANSWERS);
    await wire.waitFor(FOO, 'Active');
    expect(stream.types).toEqual(['CallSubscriptionEvent', 'SubscriptionTerminatedEvent']);
  });

  it('to a user that does not exist, or to other events, is refused', async () => {
    expect((await subscribe(wire, 'nobody@foo.example', 'set-1')).status).toBe(404);
    expect((await subscribe(wire, FOO, 'set-1', 60, 'Basic Call')).status).toBe(400);
  });
});
