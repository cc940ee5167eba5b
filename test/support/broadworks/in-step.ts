import type { CallView, RestClient } from '../rest-client.js';
import type { StandIn, SwitchCall } from './stand-in.js';

/** A user of the service, and the same on the switch. */
export interface WatchedUser {
  switchUserId: string;
  client: RestClient;
}

/** Where the lists of the service and the calls of the switch differ, user by user. */
export async function differences(users: WatchedUser[], standIn: StandIn): Promise<string[]> {
  const [{ calls }, ...lists] = await Promise.all([
    standIn.look(),
    ...users.map(async ({ client }) => (await client.list()).map(ofService)),
  ]);
  const known = new Set(users.map(({ switchUserId }) => switchUserId));
  const strangers = calls.filter(({ userId }) => !known.has(userId));
  return [
    ...strangers.map(({ userId }) => `${userId} has a call and is nobody here`),
    ...users.flatMap(({ switchUserId }, index) => {
      const seen = calls.filter(({ userId }) => userId === switchUserId).map(ofSwitch);
      const told = lists[index] ?? [];
      return [
        ...seen.filter((call) => !told.includes(call)).map((call) => `not told of ${switchUserId}: ${call}`),
        ...told
          .filter((call) => !seen.includes(call))
          .map((call) => `told of ${switchUserId} alone: ${call}`),
      ];
    }),
  ];
}

function ofSwitch(call: SwitchCall): string {
  const { callId, externalTrackingId, personality, state, remoteAddress, recordingState } = call;
  const address = remoteAddress?.replace(/^(?:tel|sip):/, '');
  return [callId, externalTrackingId, personality, state, address, recordingState].join(' ');
}

function ofService(call: CallView): string {
  const { callId, externalTrackingId, personality, state, remoteParty, recordingState } = call;
  // The switch does not tell whether the own phone has answered: the personality does.
  const seen = state === 'Answered' ? 'Alerting' : state;
  return [callId, externalTrackingId, personality, seen, remoteParty.address, recordingState].join(' ');
}
