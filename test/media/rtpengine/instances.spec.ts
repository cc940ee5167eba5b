import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { type MediaBridge, MediaUnavailable, RecordingFailed } from '../../../src/media/media.js';
import { RtpengineMedia } from '../../../src/media/rtpengine/rtpengine-media.js';
import { audioOf } from '../../../src/sip/sdp.js';
import { type NgRequest, PlayedRtpengine } from '../../support/played-rtpengine.js';
import { eventually } from '../../support/wait.js';

jest.setTimeout(60_000);

const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

/** Answers as one whose ports begin at this one. */
function likeRtpengine(port: number): (request: NgRequest) => void {
  const known = new Set<unknown>();
  return ({ command, details, answer }) => {
    if (command === 'ping') return answer({ result: 'pong' });
    if (command === 'delete') return answer({ result: 'ok' });
    if (command === 'query' && !known.has(details['call-id']))
      return answer({ result: 'error', 'error-reason': 'Unknown call-id' });
    known.add(details['call-id']);
    const own = details['from-tag'] === 'caller' && command === 'offer' ? port : port + 2;
    answer({ result: 'ok', sdp: SDP.replace('4000', String(own)) });
  };
}

const fullUp = ({ command, answer }: NgRequest) =>
  answer(command === 'ping' ? { result: 'pong' } : { result: 'error', 'error-reason': 'Ran out of ports' });
const silent = () => undefined;

function mediaOn(instances: PlayedRtpengine[]): RtpengineMedia {
  return new RtpengineMedia({
    instances: instances.map(({ address }) => address),
    recordingsDir: tmpdir(),
  });
}

describe('several instances of rtpengine', () => {
  let first: PlayedRtpengine;
  let second: PlayedRtpengine;
  let media: RtpengineMedia;

  beforeEach(async () => {
    first = await PlayedRtpengine.open();
    second = await PlayedRtpengine.open();
    first.onRequest = likeRtpengine(10_000);
    second.onRequest = likeRtpengine(20_000);
    media = mediaOn([first, second]);
  });
  afterEach(async () => {
    await media.stop();
    await first.close();
    await second.close();
  });

  /** Which instance takes a new bridge. */
  async function taker(bridge: MediaBridge = { id: randomUUID() }): Promise<number> {
    const { port } = audioOf(await media.offer(bridge, 'caller', SDP))!;
    return port < 20_000 ? 1 : 2;
  }

  it('take new bridges in turn', async () => {
    await media.start();
    const [one, two] = [await taker(), await taker()];
    expect([one, two].toSorted()).toEqual([1, 2]);
    expect([await taker(), await taker()]).toEqual([one, two]);
  });

  it('keep their bridges', async () => {
    await media.start();
    const bridge = { id: randomUUID() };
    const instance = await taker(bridge);
    const stored = JSON.parse(JSON.stringify(bridge)) as MediaBridge;
    for (let count = 0; count < 3; count++) expect(await taker(stored)).toBe(instance);
  });

  it('open a bridge once, though it is asked for twice at once', async () => {
    await media.start();
    const bridge = { id: randomUUID() };
    const [one, two] = await Promise.all([taker(bridge), taker(bridge)]);
    expect(two).toBe(one);
    const offers = [...first.commands, ...second.commands].filter((command) => command === 'offer');
    expect(offers).toHaveLength(1);
  });

  it('are left out while they do not answer, and come back', async () => {
    first.onRequest = silent;
    await media.start();
    for (let count = 0; count < 4; count++) expect(await taker()).toBe(2);
    expect(first.commands).not.toContain('offer');
    first.onRequest = likeRtpengine(10_000);
    await eventually(
      async () => (await taker()) === 1 || undefined,
      () => 'is still left out',
      300,
      20_000,
    );
  });

  it('that fall silent later hand the bridge on to the next, and are asked no more', async () => {
    await media.start();
    first.onRequest = silent;
    for (let count = 0; count < 4; count++) expect(await taker()).toBe(2);
    const offers = first.requests.filter(({ command }) => command === 'offer');
    expect(new Set(offers.map(({ cookie }) => cookie)).size).toBe(1);
  });

  it('with no port left hand the bridge on to the next', async () => {
    first.onRequest = fullUp;
    await media.start();
    for (let count = 0; count < 4; count++) expect(await taker()).toBe(2);
    second.onRequest = fullUp;
    await expect(taker()).rejects.toThrow(new MediaUnavailable('Ran out of ports'));
  });

  it('make the start none the worse when none answers, and then nothing can be opened', async () => {
    first.onRequest = silent;
    second.onRequest = silent;
    await media.start();
    await expect(taker()).rejects.toThrow(MediaUnavailable);
    await media.close({ id: randomUUID() });
  });

  it('that are no longer configured are of no use to their bridges', async () => {
    await media.start();
    const bridge: MediaBridge = { id: randomUUID() };
    while ((await taker(((bridge.rtpengine = undefined), bridge))) !== 1);
    await media.stop();
    media = mediaOn([second]);
    await media.start();
    await expect(media.offer(bridge, 'callee', SDP)).rejects.toThrow(MediaUnavailable);
    await expect(media.restore(bridge, { caller: SDP, callee: SDP })).rejects.toThrow(MediaUnavailable);
    await media.close(bridge);
  });

  it('never see what a stranger has written', async () => {
    await media.start();
    const bridge = { id: randomUUID() };
    const hostile = SDP.replace('s=-', 's=hostile').concat(
      'a=hostile:1\r\na=candidate:1 1 UDP 1 10.0.0.1 9 typ host\r\n',
    );
    const seen = await media.offer(bridge, 'caller', hostile);
    await media.answer(bridge, 'callee', SDP);
    expect(seen).toContain('s=hostile');
    const sent = [...first.requests, ...second.requests].map(({ details }) => String(details.sdp));
    expect(sent.filter((sdp) => sdp.includes('m=audio 4000'))).toHaveLength(2);
    expect(sent.join('')).not.toMatch(/hostile|candidate/);
  });

  it('are not asked about descriptions that make no sense, nor about those without audio', async () => {
    await media.start();
    const bridge = { id: randomUUID() };
    for (const nonsense of ['nonsense', 'v=0\r\nm=audio x RTP/AVP 0\r\n'])
      await expect(media.offer(bridge, 'caller', nonsense)).rejects.toThrow(MediaUnavailable);
    expect([...first.commands, ...second.commands]).toEqual(['ping', 'ping']);
    const video = SDP.replace('m=audio', 'm=video');
    expect(await media.offer(bridge, 'caller', video)).toBe(video);
  });

  it('record nothing where their captures cannot be read', async () => {
    await media.start();
    expect(media.canRecord).toBe(false);
    const bridge = { id: randomUUID() };
    await taker(bridge);
    const owner = { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' };
    const subject = { callId: 'callhalf-1:0', externalTrackingId: bridge.id, owner };
    const order = { id: randomUUID(), owner: 'caller' as const, subject };
    await expect(media.startRecording(bridge, order)).rejects.toThrow(RecordingFailed);
  });
});
