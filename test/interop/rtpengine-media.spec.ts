import { randomUUID } from 'node:crypto';
import { type MediaBridge, MediaUnavailable } from '../../src/media/media.js';
import { audioOf } from '../../src/sip/sdp.js';
import { describeMedia } from '../contracts/media.contract.js';
import { CALLEE, CALLER, MediaSession, THIRD } from '../support/media-session.js';
import { Rtpengine } from '../support/rtpengine.js';
import { eventually } from '../support/wait.js';

describe('rtpengine', () => {
  let rtpengine: Rtpengine;

  beforeAll(async () => {
    rtpengine = await Rtpengine.start({ ngPort: 22_222, ports: { first: 32_000, last: 32_499 } });
  });
  afterAll(() => rtpengine.stop());

  describeMedia((recordingsDir) => rtpengine.adapter()(recordingsDir));

  describe('by itself', () => {
    let session: MediaSession;

    beforeEach(async () => {
      session = await MediaSession.begin(rtpengine.adapter());
    });
    afterEach(() => session.end());

    it('passes RTCP, and packets of whatever type', async () => {
      await session.exchange();
      await session.hearEachOther();
      const packet = Buffer.concat([Buffer.from([0x80, 111, 0, 1]), Buffer.alloc(8), Buffer.from('opus')]);
      const report = Buffer.concat([Buffer.from([0x80, 200, 0, 6]), Buffer.alloc(24, 7)]);
      session.caller.sendRaw(packet, audioOf(session.seen.caller)!);
      session.caller.sendRtcp(report);
      const { received, rtcpReceived } = session.callee;
      const passed = await eventually(
        () => received.find((each) => (each[1]! & 0x7f) === 111),
        () => 'no packet of type 111',
      );
      expect(passed.subarray(12).toString()).toBe('opus');
      const passedReport = await eventually(
        () => rtcpReceived[0],
        () => 'no report',
      );
      expect(passedReport[1]).toBe(200);
    });

    it('keeps a stranger out, also while descriptions are exchanged anew', async () => {
      await session.exchange();
      await session.hearEachOther();
      const stranger = await session.party({ tone: THIRD });
      stranger.sendTo(session.seen.callee);
      await session.hearEachOther();
      for (let count = 0; count < 5; count++) await session.exchange();
      await session.hearEachOther();
      await stranger.hearsNothing();
    });

    it('does not hear a party that is not where it says', async () => {
      const elsewhere = await session.party({});
      const describedAs = { address: '127.0.0.1', port: elsewhere.port };
      session.caller = await session.party({ tone: CALLER, describedAs });
      await session.exchange();
      await elsewhere.hears(CALLEE);
      await session.callee.hearsNothing();
    });

    it('hears and finds a party that is not where it says if it may learn sources', async () => {
      const learning = await MediaSession.begin(rtpengine.adapter({ learnSources: true }));
      try {
        const elsewhere = await session.party({});
        const describedAs = { address: '127.0.0.1', port: elsewhere.port };
        learning.caller = await learning.party({ tone: CALLER, describedAs });
        await learning.exchange();
        await learning.hearEachOther();
        await elsewhere.hearsNothing();
      } finally {
        await learning.end();
      }
    });

    it('keeps its ports whoever takes a side', async () => {
      await session.exchange();
      await session.hearEachOther();
      for (let count = 0; count < 3; count++) {
        session.callee = await session.party({ tone: CALLEE });
        await session.exchange();
        await session.hearEachOther();
        expect([...session.callee.sources]).toEqual([audioOf(session.seen.callee)?.port]);
      }
      expect([...session.caller.sources]).toEqual([audioOf(session.seen.caller)?.port]);
    });

    it('opens a call again that it has forgotten, with other ports', async () => {
      await session.exchange();
      await session.hearEachOther();
      const before = { ...session.seen };
      await rtpengine.restart();
      await session.media.restore(session.bridge, session.descriptions);
      await session.exchange();
      await session.hearEachOther();
      expect(session.seen).not.toEqual(before);
    });

    it('says so when it has no port left, and has them again after the calls', async () => {
      const small = await Rtpengine.start({ ngPort: 22_223, ports: { first: 32_600, last: 32_639 } });
      const crowded = await MediaSession.begin(small.adapter());
      try {
        for (let round = 0; round < 3; round++) {
          const bridges: MediaBridge[] = [];
          const fill = async () => {
            while (bridges.length < 100) {
              const bridge = { id: randomUUID() };
              await crowded.media.offer(bridge, 'caller', crowded.caller.describe());
              bridges.push(bridge);
            }
          };
          await expect(fill()).rejects.toThrow(MediaUnavailable);
          expect(bridges.length).toBeGreaterThan(5);
          await Promise.all(bridges.map((each) => crowded.media.close(each)));
        }
      } finally {
        await crowded.end();
        await small.stop();
      }
    });
  });
});
