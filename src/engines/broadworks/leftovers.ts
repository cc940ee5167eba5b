import type { EngineStep } from '../../calls/application/call-engine.js';
import type { StoredSession } from '../../calls/application/call-repository.js';
import type { Call } from '../../calls/domain/call.js';
import type { Accounts } from './accounts.js';

/**
 * What of the stored no switch will ever speak of: calls of users without an account, which end, and the sessions of
 * another engine. Other calls become what their switch says. @param now milliseconds since 1970
 */
export function leftovers(
  found: { calls: Call[]; sessions: StoredSession[] },
  accounts: Accounts,
  now: number,
): EngineStep[] {
  const sessions = found.sessions.map(({ sessionId }) => ({ sessionId, state: null, facts: [] }));
  const calls = found.calls
    .filter(({ owner }) => !accounts.of(owner))
    .map(({ callId, externalTrackingId }): EngineStep => ({
      sessionId: externalTrackingId,
      facts: [{ kind: 'released', callId, at: now, cause: 'serviceRestart', by: 'system' }],
    }));
  return [...sessions, ...calls];
}
