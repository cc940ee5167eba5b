import { remotePartyFor } from '../../calls/application/call-engine.js';
import type { CallFact } from '../../calls/domain/call-fact.js';
import { releasedFact } from './hang-up.js';
import type { LiveSession } from './live-session.js';
import type { Party } from './session.js';

/**
 * The party that was joining is on the side from now on. Facts: the call of the replaced one has ended, and the other
 * party's call, if it is one, has another remote party.
 */
export function takePlace(live: LiveSession, newcomer: Party): { replaced: Party; facts: CallFact[] } {
  const { joining } = live.state;
  if (joining?.party !== newcomer) throw new Error('The party is not about to join');
  const replaced = live.state[joining.side];
  const other = live.other(newcomer);
  live.state[joining.side] = newcomer;
  delete live.state.joining;
  live.state.leaving = replaced.leg ? [replaced.leg] : [];
  const retrieved = joining.why === 'retrieve';
  const facts: CallFact[] = releasedFact(replaced, retrieved ? 'retrieved' : 'transferred', 'local');
  if (!retrieved) facts.push(...transferredFact(other, newcomer));
  else if (replaced.hold) facts.push(...live.facts(other, 'remoteReconnected'));
  return { replaced, facts };
}

/** @param sessionId of the session that the call is in from now on, where it changes */
export function transferredFact({ callId, user }: Party, remote: Party, sessionId?: string): CallFact[] {
  if (!callId || !user) return [];
  const remoteParty = remotePartyFor(user, remote.address, remote.user);
  const moved = sessionId === undefined ? {} : { externalTrackingId: sessionId };
  return [{ kind: 'transferred', callId, at: Date.now(), remoteParty, ...moved }];
}

/** A party that was held stays so when another takes the place of whoever it talked to. */
export function heldByPhone(live: LiveSession): CallFact[] {
  return live.parties.flatMap((party) => (live.other(party).hold ? live.facts(party, 'remoteHeld') : []));
}
