import { jest } from '@jest/globals';
import { payloads, RelaySession, rtp } from '../support/relay-session.js';
import { eventually } from '../support/wait.js';

jest.setTimeout(30_000);

const ELSEWHERE = { address: '127.0.0.9', port: 4_000 };

describe('the relay', () => {
  let session: RelaySession;
  beforeEach(async () => {
    session = await RelaySession.begin();
  });
  afterEach(() => session.end());

  describe('passes on', () => {
    it('each packet as it is, of whatever payload', async () => {
      await session.connect();
      const packets = [rtp('G.711'), rtp('an event', 101), rtp('', 13)];
      for (const packet of packets) session.caller.sendRaw(packet, session.callersPort);
      await payloads(session.callee, '');
      expect(session.callee.received).toEqual(packets);
      expect([...session.callee.sources]).toEqual([session.calleesPort.port]);
    });

    it('RTCP, both ways and on ports of its own', async () => {
      await session.connect();
      session.caller.sendTo(session.toCaller);
      session.callee.sendTo(session.toCallee);
      const [report, bye] = [Buffer.from('80c900010000000a', 'hex'), Buffer.from('81cb00010000000b', 'hex')];
      session.caller.sendRtcp(report);
      session.callee.sendRtcp(bye);
      await eventually(
        () => (session.caller.rtcpReceived.length > 0 && session.callee.rtcpReceived.length > 0) || undefined,
        () => 'RTCP does not come',
      );
      expect([session.callee.rtcpReceived, session.caller.rtcpReceived]).toEqual([[report], [bye]]);
    });

    it('nothing that is no RTP of version 2', async () => {
      await session.connect();
      for (const junk of ['', 'x', 'GET / HTTP/1.1', '\u0000\u0001\u0000\u0000!\u0012¤B stun'])
        session.caller.sendRaw(Buffer.from(junk), session.callersPort);
      session.caller.sendRaw(rtp('sound'), session.callersPort);
      await payloads(session.callee, 'sound');
      expect(session.callee.received).toHaveLength(1);
    });

    it('nothing before an answer says where to', async () => {
      session.toCallee = await session.media.offer(session.bridge, 'caller', session.caller.describe());
      session.callee.sendRaw(rtp('early'), session.calleesPort);
      await eventually(
        async () => (await session.dropped()) === 1 || undefined,
        () => 'it was not dropped',
      );
      expect(session.caller.received).toEqual([]);
    });

    it('nothing to a party that names no address, until it does', async () => {
      await session.connect();
      for (const held of [
        { address: '0.0.0.0', port: session.callee.port },
        { address: '127.0.0.1', port: 9 },
      ]) {
        const silent = await session.party({ describedAs: held });
        await session.media.offer(session.bridge, 'callee', silent.describe());
        await session.media.answer(session.bridge, 'caller', session.caller.describe());
        await session.media.counts();
        session.caller.sendRaw(rtp('while held'), session.callersPort);
        await session.dealtWith();
      }
      session.callee.sendRaw(rtp('music'), session.calleesPort);
      await payloads(session.caller, 'music');
      await session.connect();
      session.caller.sendRaw(rtp('again'), session.callersPort);
      expect(await payloads(session.callee, 'again')).toEqual(['again']);
    });

    it('nothing to itself, where it would go round for ever', async () => {
      await session.connect();
      await session.connect(session.caller.describe(), session.toCallee);
      session.caller.sendRaw(rtp('round'), session.callersPort);
      await session.dealtWith();
      await session.connect();
      session.caller.sendRaw(rtp('straight'), session.callersPort);
      expect(await payloads(session.callee, 'straight')).toEqual(['straight']);
      expect(session.caller.received).toEqual([]);
    });
  });

  describe('listens', () => {
    it('to the address of the description and to no stranger, who is counted', async () => {
      await session.connect();
      const stranger = await session.party();
      stranger.sendRaw(rtp('injected'), session.callersPort);
      session.caller.sendRaw(rtp('first'), session.callersPort);
      stranger.sendRaw(rtp('injected'), session.callersPort);
      session.caller.sendRaw(rtp('second'), session.callersPort);
      const heard = await payloads(session.callee, 'second');
      // Until the party is heard where it says it is, the first source might be the party behind NAT.
      expect(heard.filter((payload) => payload !== 'injected')).toEqual(['first', 'second']);
      expect(heard.indexOf('injected')).toBeLessThanOrEqual(0);
      expect(await session.dropped()).toBeGreaterThan(0);
      session.callee.sendRaw(rtp('reply'), session.calleesPort);
      expect(await payloads(session.caller, 'reply')).toEqual(['reply']);
      expect(stranger.received).toEqual([]);
    });

    it('behind NAT to the first source that it hears, answers there, and listens to no other', async () => {
      const behindNat = await session.party({ describedAs: ELSEWHERE });
      await session.connect(behindNat.describe());
      behindNat.sendRaw(rtp('hello'), session.callersPort);
      await payloads(session.callee, 'hello');
      const stranger = await session.party();
      stranger.sendRaw(rtp('injected'), session.callersPort);
      behindNat.sendRaw(rtp('still me'), session.callersPort);
      expect(await payloads(session.callee, 'still me')).toEqual(['hello', 'still me']);
      expect(await session.dropped()).toBe(1);
      session.callee.sendRaw(rtp('reply'), session.calleesPort);
      await payloads(behindNat, 'reply');
    });

    it('to the source it knows while the party only repeats its description', async () => {
      const behindNat = await session.party({ describedAs: ELSEWHERE });
      await session.connect(behindNat.describe());
      behindNat.sendRaw(rtp('hello'), session.callersPort);
      await payloads(session.callee, 'hello');
      await session.connect(behindNat.describe('a=sendonly'));
      const stranger = await session.party();
      stranger.sendRaw(rtp('injected'), session.callersPort);
      behindNat.sendRaw(rtp('still me'), session.callersPort);
      expect(await payloads(session.callee, 'still me')).toEqual(['hello', 'still me']);
    });

    it('to a new party behind NAT, and not to the one before, which may go on sending', async () => {
      const [before, after] = [
        await session.party({ describedAs: ELSEWHERE }),
        await session.party({ describedAs: { ...ELSEWHERE, port: 5_000 } }),
      ];
      await session.connect(before.describe());
      before.sendRaw(rtp('hello'), session.callersPort);
      await payloads(session.callee, 'hello');
      await session.connect(after.describe());
      before.sendRaw(rtp('not yet gone'), session.callersPort);
      after.sendRaw(rtp('here I am'), session.callersPort);
      expect(await payloads(session.callee, 'here I am')).toEqual(['hello', 'here I am']);
      session.callee.sendRaw(rtp('reply'), session.calleesPort);
      await payloads(after, 'reply');
      expect(before.received).toEqual([]);
    });
  });
});
