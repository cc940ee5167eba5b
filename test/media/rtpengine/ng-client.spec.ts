import { jest } from '@jest/globals';
import { createSocket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { NgClient, NgRefusal, NgSilence } from '../../../src/media/rtpengine/ng-client.js';
import { PlayedRtpengine } from '../../support/played-rtpengine.js';

jest.setTimeout(30_000);

describe('the ng protocol', () => {
  let rtpengine: PlayedRtpengine;
  let client: NgClient;

  beforeEach(async () => {
    rtpengine = await PlayedRtpengine.open();
    client = new NgClient(rtpengine.address);
  });
  afterEach(async () => {
    await client.close();
    await rtpengine.close();
  });

  it('asks, and tells what was answered', async () => {
    rtpengine.onRequest = ({ answer }) => answer({ result: 'ok', sdp: 'v=0' });
    expect(await client.request('offer', { 'call-id': 'c1', flags: ['x'] })).toEqual({
      result: 'ok',
      sdp: 'v=0',
    });
    expect(rtpengine.requests[0]?.details).toEqual({ command: 'offer', 'call-id': 'c1', flags: ['x'] });
  });

  it('brings each answer to its request, in whatever order they come', async () => {
    rtpengine.onRequest = () => {
      if (rtpengine.requests.length < 3) return;
      for (const { answer, details } of rtpengine.requests.toReversed())
        answer({ result: 'ok', about: details['call-id']! });
    };
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((id) => client.request('query', { 'call-id': id })),
    );
    expect(answers.map(({ about }) => about)).toEqual(['a', 'b', 'c']);
    expect(new Set(rtpengine.requests.map(({ cookie }) => cookie)).size).toBe(3);
  });

  it('repeats a lost request under its cookie', async () => {
    rtpengine.onRequest = ({ answer }) => {
      if (rtpengine.requests.length === 3) answer({ result: 'pong' });
    };
    expect(await client.request('ping')).toEqual({ result: 'pong' });
    expect(new Set(rtpengine.requests.map(({ cookie }) => cookie)).size).toBe(1);
  });

  it('gives up on a silent instance', async () => {
    await expect(client.request('ping')).rejects.toThrow(NgSilence);
    expect(rtpengine.requests.length).toBeGreaterThan(2);
  });

  it('gives up where nobody listens, and where there is no such host', async () => {
    const nowhere = await PlayedRtpengine.open();
    const { address } = nowhere;
    await nowhere.close();
    for (const to of [address, { host: 'no-such-host.invalid', port: 2_223 }]) {
      const lost = new NgClient(to);
      await expect(lost.request('ping')).rejects.toThrow(NgSilence);
      await lost.close();
    }
  });

  it('says why it was refused', async () => {
    rtpengine.onRequest = ({ answer }) => answer({ result: 'error', 'error-reason': 'Unknown call-id' });
    await expect(client.request('query')).rejects.toThrow(new NgRefusal('Unknown call-id'));
    rtpengine.onRequest = ({ answer }) =>
      answer({ result: 'load limit', message: 'Parallel session limit reached' });
    await expect(client.request('offer')).rejects.toThrow(new NgRefusal('Parallel session limit reached'));
  });

  it('ignores foreign cookies, malformed answers and answers that come twice', async () => {
    rtpengine.onRequest = ({ cookie, reply, answer }) => {
      for (const malformed of [
        '',
        ' ',
        'x',
        cookie,
        `${cookie} `,
        `${cookie} d`,
        `${cookie} le`,
        `${cookie} 4:pong`,
      ])
        reply(malformed);
      reply('0123-foreign d6:result2:oke');
      answer({ result: 'ok', right: 1 });
      answer({ result: 'ok', right: 2 });
    };
    expect(await client.request('query')).toEqual({ result: 'ok', right: 1 });
    expect(await client.request('query')).toEqual({ result: 'ok', right: 1 });
  });

  it('ignores what another than the instance sends', async () => {
    const stranger = createSocket('udp4');
    const said: Promise<unknown>[] = [];
    rtpengine.onRequest = ({ cookie, port, answer }) => {
      // One that sees the request pass, but cannot send as the instance.
      said.push(new Promise((done) => stranger.send(`${cookie} d6:result2:oke`, port, '127.0.0.1', done)));
      setTimeout(() => answer({ result: 'ok', genuine: 1 }), 100);
    };
    expect(await client.request('query')).toEqual({ result: 'ok', genuine: 1 });
    await Promise.all(said);
    stranger.close();
  });

  it('refuses what fits into no datagram, without a word to the instance', async () => {
    await expect(client.request('offer', { sdp: 'x'.repeat(70_000) })).rejects.toThrow(NgRefusal);
    await delay(50);
    expect(rtpengine.requests).toEqual([]);
  });

  it('gives up what is under way when it is closed', async () => {
    const asked = client.request('ping');
    await delay(50);
    await client.close();
    await expect(asked).rejects.toThrow(NgSilence);
    await expect(client.request('ping')).rejects.toThrow(NgSilence);
  });
});
