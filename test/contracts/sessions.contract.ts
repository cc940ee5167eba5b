import { type CallRepository, VersionConflict } from '../../src/calls/application/call-repository.js';
import { after, aNewCall } from '../support/some-calls.js';

/** What every store must do with the states of sessions, written together with their calls. */
export function describeSessions(store: () => CallRepository): void {
  it('writes a change of two calls and a session whole', async () => {
    const first = aNewCall('foouser');
    const sessionId = first.call.externalTrackingId;
    const second = aNewCall('baruser', sessionId);
    await store().save({
      calls: [first, second],
      sessions: [{ sessionId, version: 1, state: '{"legs":2}' }],
    });
    expect(await store().findSession(sessionId)).toEqual({ sessionId, version: 1, state: '{"legs":2}' });

    const ends = [after(first.call, 'released'), after(second.call, 'released')];
    await store().save({ calls: ends, sessions: [{ sessionId, version: 2, state: null }] });
    expect(await store().findSession(sessionId)).toBeUndefined();
    expect((await store().find(second.call.callId))?.state).toBe('Released');
  });

  it.each(['the first call', 'the second call', 'the session'])(
    'writes nothing when %s conflicts',
    async (which) => {
      const first = aNewCall('foouser');
      const sessionId = first.call.externalTrackingId;
      const second = aNewCall('baruser', sessionId);
      await store().save({ calls: [first, second], sessions: [{ sessionId, version: 1, state: '1' }] });
      if (which === 'the first call') await store().save({ calls: [after(first.call, 'answered')] });
      if (which === 'the second call') await store().save({ calls: [after(second.call, 'answered')] });
      if (which === 'the session')
        await store().save({ calls: [], sessions: [{ sessionId, version: 2, state: '2' }] });
      const before = await everything();

      const ends = [after(first.call, 'released'), after(second.call, 'released')];
      const change = { calls: ends, sessions: [{ sessionId, version: 2, state: null }] };
      await expect(store().save(change)).rejects.toThrow(VersionConflict);
      expect(await everything()).toEqual(before);

      async function everything() {
        const ids = [first.call.callId, second.call.callId];
        return Promise.all([
          ...ids.map((id) => store().find(id)),
          ...ids.map((id) => store().eventsOf(id)),
          store().findSession(sessionId),
        ]);
      }
    },
  );

  async function twoSessions() {
    const [first, second] = [aNewCall('foouser'), aNewCall('baruser')];
    const ids = [first, second].map(({ call }) => call.externalTrackingId);
    const [kept = '', absorbed = ''] = ids;
    await store().save({
      calls: [first, second],
      sessions: ids.map((sessionId) => ({ sessionId, version: 1, state: '1' })),
    });
    const change = {
      calls: [after(first.call, 'transferred'), after(second.call, 'transferred', kept)],
      sessions: [
        { sessionId: kept, version: 2, state: 'joined' },
        { sessionId: absorbed, version: 2, state: null },
      ],
    };
    return { first: first.call, second: second.call, kept, absorbed, change };
  }

  it('moves a call to another session, and ends the one that it leaves', async () => {
    const { second, kept, absorbed, change } = await twoSessions();
    await store().save(change);
    const moved = await store().find(second.callId);
    expect(moved).toEqual({
      ...second,
      version: 2,
      externalTrackingId: kept,
      remoteParty: moved?.remoteParty,
    });
    const { calls, sessions } = await store().loadOngoing();
    expect(calls).toContainEqual(moved);
    expect(sessions).toContainEqual({ sessionId: kept, version: 2, state: 'joined' });
    expect(sessions.map(({ sessionId }) => sessionId)).not.toContain(absorbed);
    await store().save({ calls: moved ? [after(moved, 'released')] : [] });
    expect((await store().find(second.callId))?.state).toBe('Released');
  });

  it.each(['kept', 'absorbed'] as const)(
    'writes nothing of two sessions when the one %s conflicts',
    async (which) => {
      const { first, second, kept, absorbed, change } = await twoSessions();
      const other = which === 'kept' ? kept : absorbed;
      await store().save({ calls: [], sessions: [{ sessionId: other, version: 2, state: 'other' }] });
      await expect(store().save(change)).rejects.toMatchObject({ id: other });
      expect(await store().find(first.callId)).toEqual(first);
      expect(await store().find(second.callId)).toEqual(second);
      expect((await store().findSession(kept))?.state).toBe(which === 'kept' ? 'other' : '1');
      expect((await store().findSession(absorbed))?.state).toBe(which === 'absorbed' ? 'other' : '1');
    },
  );

  it('replaces the state of a session by version', async () => {
    const sessionId = aNewCall().call.externalTrackingId;
    for (const version of [1, 2, 3]) {
      await store().save({
        calls: [],
        sessions: [{ sessionId, version, state: `{"version":${version}}` }],
      });
    }
    expect((await store().findSession(sessionId))?.state).toBe('{"version":3}');
    const stale = { sessionId, version: 3, state: 'stale' };
    await expect(store().save({ calls: [], sessions: [stale] })).rejects.toThrow(VersionConflict);
  });

  it('opens a session once, and ends none that is not there', async () => {
    const sessionId = aNewCall().call.externalTrackingId;
    const session = (version: number, state: string | null) =>
      store().save({ calls: [], sessions: [{ sessionId, version, state }] });
    await expect(session(1, null)).rejects.toThrow(VersionConflict);
    await session(1, 'first');
    await expect(session(1, 'second')).rejects.toThrow(VersionConflict);
    await session(2, null);
    await expect(session(3, null)).rejects.toThrow(VersionConflict);
    await session(1, 'again');
    expect(await store().findSession(sessionId)).toEqual({ sessionId, version: 1, state: 'again' });
  });
}
