import { randomUUID } from 'node:crypto';
import type { Media } from '../../src/media/media.js';
import { audioOf, directionOf } from '../../src/sip/sdp.js';
import { CALLER, MediaSession, THIRD, TONES } from '../support/media-session.js';
import { describeRecordings } from './recordings.contract.js';

/** What every adapter does that audio passes through. `open` gives one that has been started. */
export function describeMedia(open: (recordingsDir: string) => Promise<Media>): void {
  describe('audio', () => {
    let session: MediaSession;
    beforeEach(async () => {
      session = await MediaSession.begin(open);
    });
    afterEach(() => session.end());

    it('is led through it: each party is given an address that is not the other party', async () => {
      const offer = session.caller.describe('a=ptime:20', 'a=sendonly');
      const seen = await session.media.offer(session.bridge, 'caller', offer);
      expect(audioOf(seen)?.port).not.toBe(session.caller.port);
      expect(audioOf(seen)?.payloadTypes).toEqual(['0', '8', '101']);
      expect(directionOf(seen)).toBe('sendonly');
      expect(seen).toContain(offer.match(/^o=.*$/m)?.[0]);
      const answer = await session.media.answer(
        session.bridge,
        'callee',
        session.callee.describe('a=recvonly'),
      );
      expect([session.caller.port, session.callee.port, audioOf(seen)?.port]).not.toContain(
        audioOf(answer)?.port,
      );
      expect(directionOf(answer)).toBe('recvonly');
    });

    it('passes both ways, each in its own law', async () => {
      session.caller = await session.party({ tone: CALLER, law: 'PCMA' });
      await session.exchange();
      await session.hearEachOther();
    });

    it('passes before the answer, from a device that is not the one to answer', async () => {
      const announcer = await session.party({ tone: THIRD });
      const seen = await session.media.offer(session.bridge, 'caller', session.caller.describe());
      announcer.sendTo(seen);
      session.caller.sendTo(await session.media.answer(session.bridge, 'callee', announcer.describe()));
      await session.caller.hears(THIRD, TONES);
      announcer.sendNowhere();
      session.callee.sendTo(seen);
      session.caller.sendTo(await session.media.answer(session.bridge, 'callee', session.callee.describe()));
      await session.hearEachOther();
    });

    it('stays as it was after an offer that is not answered', async () => {
      await session.exchange();
      await session.hearEachOther();
      const target = await session.party({ tone: THIRD });
      await session.media.offer(session.bridge, 'caller', target.describe());
      await session.hearEachOther();
      await session.media.restore(session.bridge, session.descriptions);
      await session.hearEachOther();
    });

    it('passes to a new party that takes a side, and no more to the former one', async () => {
      await session.exchange();
      await session.hearEachOther();
      const target = await session.party({ tone: THIRD });
      await session.exchange('callee', target, session.caller);
      await target.hears(CALLER, TONES);
      await session.caller.hears(THIRD, TONES);
      await session.callee.hearsNothing();
    });

    it('comes back when the party that left takes its side again', async () => {
      await session.exchange();
      const before = { ...session.descriptions };
      const target = await session.party({ tone: THIRD });
      await session.exchange('callee', target, session.caller);
      target.sendNowhere();
      await session.media.restore(session.bridge, before);
      await session.hearEachOther();
    });

    it('goes on in another process, with the addresses that the parties know', async () => {
      await session.exchange();
      await session.hearEachOther();
      await session.restart();
      await session.media.restore(session.bridge, session.descriptions);
      await session.hearEachOther();
    });

    it('ends with the bridge', async () => {
      await session.exchange();
      await session.hearEachOther();
      await session.media.close(session.bridge);
      await session.caller.hearsNothing();
      await session.callee.hearsNothing();
      await session.media.close(session.bridge);
      await session.media.close({ id: randomUUID() });
    });
  });

  describe('recordings', () => describeRecordings(open));
}
