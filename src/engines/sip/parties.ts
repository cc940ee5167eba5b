import { type Destination, remotePartyFor } from '../../calls/application/call-engine.js';
import { newCallId } from '../../calls/application/call-ids.js';
import type { CallBegan } from '../../calls/domain/call-fact.js';
import { recordsAlways } from '../../calls/domain/recording.js';
import type { User } from '../../directory/domain/user.js';
import type { Invite, Party } from './session.js';

/** A party that nothing has reached yet. @param address what the other party sees */
export function newParty(address: string, user: User | undefined, invites: Invite[] = []): Party {
  if (!user) return { address, invites };
  return { address, user: user.ref, recordsAlways: recordsAlways(user), invites };
}

/** Whoever is called. */
export function calledParty({ address, user }: Destination, invites: Invite[] = []): Party {
  return newParty(address, user, invites);
}

/**
 * The call of a user begins: the party has a call from now on. Empty where the party is no user, or no device of it
 * is known. @param addressOfRecord of the device that carries it, or of one that rings
 */
export function beganFacts(
  kind: CallBegan['kind'],
  {
    party,
    user,
    other,
    sessionId,
    addressOfRecord,
    callId = newCallId(),
  }: {
    party: Party;
    user: User | undefined;
    other: Pick<Party, 'address' | 'user'>;
    sessionId: string;
    addressOfRecord: string | undefined;
    callId?: string;
  },
): CallBegan[] {
  if (!user || addressOfRecord === undefined) return [];
  party.callId = callId;
  return [
    {
      kind,
      callId,
      at: Date.now(),
      owner: user.ref,
      externalTrackingId: sessionId,
      remoteParty: remotePartyFor(user.ref, other.address, other.user),
      endpoint: { addressOfRecord },
      recordingMode: user.recordingMode,
    },
  ];
}

/** One of the devices that are rung. */
export function ringingDevice(invites: Invite[]): string | undefined {
  return invites.find((invite) => invite.addressOfRecord)?.addressOfRecord;
}
