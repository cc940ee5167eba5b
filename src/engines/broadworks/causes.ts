import type { ReleaseCause } from '../../calls/domain/call.js';
import type { CallReleased } from '../../calls/domain/call-fact.js';
import type { SeenCall } from './xsi/seen-call.js';

/** Why a call ended, and who ended it, in words of ours. A switch that gives no cause means an ordinary hang-up. */
export function endOf(seen: SeenCall): Pick<CallReleased, 'cause' | 'by'> {
  const { releaseCause, releasingParty } = seen;
  const cause = releaseCause === undefined ? 'normal' : (CAUSES.get(releaseCause) ?? 'unreachable');
  return { cause, by: releasingParty === undefined ? 'system' : BY[releasingParty] };
}

const BY = { localRelease: 'local', remoteRelease: 'remote' } as const;

const CAUSES = new Map<string, ReleaseCause>([
  ['Busy', 'busy'],
  ['Request Timeout', 'noAnswer'],
  ['Forbidden', 'declined'],
  ['Temporarily Unavailable', 'declined'],
  ['User Not Found', 'notInService'],
  ['Translation Failure', 'notInService'],
  ['Routing Failure', 'notInService'],
]);
