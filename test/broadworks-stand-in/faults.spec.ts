import { setTimeout as delay } from 'node:timers/promises';
import { EventStream, subscribe } from './event-stream.js';
import { ANSWERS, FOO, RINGS, valueIn, Wire } from './xsi-wire.js';

const CALL = ['CallOriginatingEvent', 'CallOriginatedEvent', 'CallAnsweredEvent'];

let wire: Wire;
let stream: EventStream;
beforeEach(async () => {
  wire = await Wire.start();
  stream = await EventStream.open(wire);
  await stream.subscribe(FOO);
  await stream.document('CallSubscriptionEvent');
});
afterEach(async () => {
  stream.stop();
  await wire.close();
});

/** After the first event, which tells the calls. */
const types = () => stream.types.slice(1);

const faults = (wanted: object) => wire.control('PUT', 'faults', wanted);

async function call(): Promise<void> {
  await wire.dial(FOO, ANSWERS);
  await wire.waitFor(FOO, 'Active');
}

describe('events', () => {
  it('come once and in order by default', async () => {
    await call();
    await delay(50);
    expect(types()).toEqual(CALL);
  });

  it('come twice when doubled', async () => {
    await faults({ doubled: 1 });
    await call();
    await delay(50);
    expect(types()).toEqual(CALL.flatMap((type) => [type, type]));
    expect(stream.numbers).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });

  it('are overtaken when late', async () => {
    await faults({ late: 1 });
    await wire.dial(FOO, ANSWERS);
    await faults({ late: 0 });
    await wire.waitFor(FOO, 'Active');
    await stream.document('CallOriginatingEvent');
    expect(stream.numbers).toEqual([1, 3, 2, 4]);
  });

  it('change places when reordered', async () => {
    await faults({ reordered: 1 });
    await wire.dial(FOO, RINGS);
    await stream.document('CallOriginatedEvent');
    await stream.document('CallOriginatingEvent');
    expect(stream.numbers).toEqual([1, 3, 2]);
  });

  it('are missing when dropped, and their numbers with them', async () => {
    await faults({ dropped: 1 });
    await wire.dial(FOO, RINGS);
    await faults({ dropped: 0 });
    await stream.document('CallOriginatedEvent');
    expect(stream.numbers).toEqual([1, 3]);
  });

  it('come in pieces, and are whole in the end', async () => {
    const before = stream.pieces;
    await faults({ splitChunks: 1 });
    await wire.fooTalksWithBar();
    const event = await stream.document('CallAnsweredEvent');
    expect(event).toContain('Bär &amp; Söhne');
    expect(stream.pieces - before).toBeGreaterThan(10);
    expect(stream.numbers).toEqual([1, 2, 3, 4]);
  });

  it('come in pieces one after the other, however many there are at once', async () => {
    await faults({ splitChunks: 1, doubled: 1 });
    await wire.fooTalksWithBar();
    await stream.document('CallAnsweredEvent');
    await delay(50);
    const [, ...documents] = stream.events;
    expect(documents).toHaveLength(6);
    for (let at = 0; at < documents.length; at += 2) expect(documents[at]).toBe(documents[at + 1]);
  });

  it('are followed by a resync', async () => {
    await faults({ resync: 1 });
    const { callId } = await wire.dial(FOO, RINGS);
    const event = await stream.document('CallSubscriptionResyncEvent');
    expect(event).toContain(`<xsi:calls><xsi:call><xsi:callId>${callId}<`);
  });

  it('are the last ones of a subscription that is ended', async () => {
    await faults({ subscriptionTerminated: 1 });
    await call();
    expect(types()).toEqual(['CallOriginatingEvent', 'SubscriptionTerminatedEvent']);
  });

  it('are the last ones of a channel that is ended', async () => {
    await faults({ channelTerminated: 1 });
    await wire.dial(FOO, RINGS);
    await stream.document('ChannelTerminatedEvent');
    await stream.done();
  });

  it('break off with the channel', async () => {
    await faults({ cutChannel: 1 });
    await wire.dial(FOO, RINGS);
    await stream.done();
    expect(stream.text).toContain('<xsi:eventID>');
    expect(types()).toEqual([]);
  });
});

describe('answers', () => {
  it('to heartbeats are 404 or 503', async () => {
    await faults({ heartbeat404: 1 });
    expect((await stream.heartbeat()).status).toBe(404);
    await faults({ heartbeat404: 0, heartbeat503: 1 });
    expect((await stream.heartbeat()).status).toBe(503);
  });

  it('to a subscription that exists are 409, to a new one they are not', async () => {
    await faults({ subscribe409: 1 });
    expect((await subscribe(wire, FOO, stream.setId)).status).toBe(409);
    expect((await subscribe(wire, FOO, 'another')).status).toBe(200);
  });

  it('to GET are 503; a dial is carried out', async () => {
    await faults({ error503: 1 });
    expect((await wire.calls('GET', FOO)).status).toBe(503);
    await wire.dial(FOO, RINGS);
  });

  it('come later', async () => {
    await faults({ slow: 1 });
    const asked = performance.now();
    await wire.calls('GET', FOO);
    expect(performance.now() - asked).toBeGreaterThan(950);
  });

  it('have error bodies in ISO-8859-1, and say so', async () => {
    await faults({ latin1: 1 });
    const { type, body } = await wire.calls('GET', FOO, '/callhalf-1:0');
    expect(type).toBe('application/xml; charset=ISO-8859-1');
    expect(body).toContain('<?xml version="1.0" encoding="ISO-8859-1"?>');
    expect(valueIn(body, 'summary')).toBe('Zurückgewiesen: The call is not found.');
  });
});

/** A call of which half of the events are dropped. */
async function half(): Promise<string[]> {
  await faults({ dropped: 0.5, seed: 7 });
  const before = stream.types.length;
  await call();
  await wire.control('DELETE', 'calls');
  await delay(50);
  return stream.types.slice(before);
}

it('the same seed makes the same faults', async () => {
  const [first, second] = [await half(), await half()];
  expect(first).toEqual(second);
});

it.each([{ nonsense: 1 }, { doubled: 2 }, { doubled: 'often' }])('%j is refused', async (wanted) => {
  await expect(faults(wanted)).rejects.toThrow('400');
});

it('DELETE of the calls clears all faults', async () => {
  await faults({ doubled: 1 });
  await wire.control('DELETE', 'calls');
  expect(Object.values(await wire.control('GET', 'faults')).every((probability) => probability === 0)).toBe(
    true,
  );
});
