import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { jest } from '@jest/globals';
import { type MediaBridge, MediaUnavailable } from '../../src/media/media.js';
import { payloads, RelaySession, rtp } from '../support/relay-session.js';

jest.setTimeout(30_000);

describe('the relay', () => {
  let session: RelaySession;
  beforeEach(async () => {
    session = await RelaySession.begin();
  });
  afterEach(() => session.end());

  describe('refuses or leaves alone', () => {
    it('descriptions without audio, which pass untouched', async () => {
      const offer = session.caller.describe().replace(/m=audio \d+/, 'm=audio 0');
      expect(await session.media.offer(session.bridge, 'caller', offer)).toBe(offer);
      expect(await session.media.answer(session.bridge, 'callee', offer)).toBe(offer);
    });

    it('descriptions that are none', async () => {
      await expect(session.media.offer(session.bridge, 'caller', 'v=1')).rejects.toThrow(MediaUnavailable);
      expect(await session.media.counts()).toMatchObject({ bridges: 0, portPairs: 0 });
    });
  });

  describe('has ports', () => {
    it('for as many bridges as the range holds pairs for, and again when one is closed', async () => {
      await session.connect();
      expect(session.callersPort.port % 2).toBe(0);
      const second = { id: randomUUID() };
      await expect(session.media.offer(second, 'caller', session.caller.describe())).rejects.toThrow(
        MediaUnavailable,
      );
      expect(await session.media.counts()).toMatchObject({ bridges: 1, portPairs: 2 });
      await session.media.close(session.bridge);
      await session.media.offer(second, 'caller', session.caller.describe());
      await session.media.close(second);
      expect(await session.media.counts()).toMatchObject({ bridges: 0, portPairs: 0 });
    });

    it('that a closed bridge has in no way any more', async () => {
      await session.connect();
      session.caller.sendRaw(rtp('before'), session.callersPort);
      await payloads(session.callee, 'before');
      await session.media.close(session.bridge);
      const next = { id: randomUUID() };
      const third = await session.party();
      await session.media.offer(next, 'caller', third.describe());
      await session.media.answer(next, 'callee', third.describe());
      session.caller.sendRaw(rtp('after'), session.callersPort);
      session.callee.sendRaw(rtp('after'), session.calleesPort);
      await delay(200);
      expect(session.callee.received).toHaveLength(1);
      expect(session.caller.received).toHaveLength(0);
    });

    it('of a former process again, if nobody has taken them', async () => {
      await session.connect();
      const stored = JSON.parse(JSON.stringify(session.bridge)) as MediaBridge;
      const parties = { caller: session.caller.describe(), callee: session.callee.describe() };
      await session.media.close(session.bridge);
      await session.media.restore(stored, parties);
      await session.media.counts();
      session.caller.sendRaw(rtp('again'), session.callersPort);
      await payloads(session.callee, 'again');

      await session.media.stop();
      const thief = createSocket('udp4');
      await new Promise<void>((resolve) => thief.bind(session.callersPort.port + 1, '127.0.0.1', resolve));
      await session.media.start();
      try {
        await expect(session.media.restore(stored, parties)).rejects.toThrow(MediaUnavailable);
        expect(await session.media.counts()).toMatchObject({ bridges: 0, portPairs: 0 });
      } finally {
        thief.close();
      }
    });
  });

  describe('when its thread ends by itself', () => {
    it('tells of the recordings that are lost, and goes on with the next description', async () => {
      await session.connect();
      const failures: string[] = [];
      session.media.onRecordingFailed = (_bridgeId, recordingId) => failures.push(recordingId);
      const owner = { tenantId: 'foo', groupId: 'foogroup', userId: 'foouser' };
      const subject = { callId: 'callhalf-1:0', externalTrackingId: session.bridge.id, owner };
      const [lost, stopped] = [randomUUID(), randomUUID()];
      for (const id of [lost, stopped])
        await session.media.startRecording(session.bridge, { id, owner: 'caller', subject });
      await session.media.stopRecording(session.bridge, stopped);
      const thread = Reflect.get(session.media, 'thread') as object;
      await (Reflect.get(thread, 'worker') as Worker).terminate();
      expect(failures).toEqual([lost]);

      const before = session.callersPort.port;
      await session.connect();
      expect(session.callersPort.port).toBe(before);
      session.caller.sendRaw(rtp('again'), session.callersPort);
      await payloads(session.callee, 'again');
    });
  });

  it('does nothing more once it is stopped', async () => {
    await session.media.stop();
    await expect(session.media.offer(session.bridge, 'caller', session.caller.describe())).rejects.toThrow(
      MediaUnavailable,
    );
    await session.media.close(session.bridge);
    await session.media.finishRecordings(new Set());
  });
});
