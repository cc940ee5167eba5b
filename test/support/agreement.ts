import type { SessionState } from '../../src/engines/sip/session.js';
import type { Scene } from './scene.js';

/** Whether something still rings, or is between two states. */
export function unsettled({ under, phones }: Scene): boolean {
  const states = [...under.recorder.calls.values()].map(({ state }) => state);
  const moving = states.some((state) => ['Alerting', 'Answered', 'Detached'].includes(state));
  return moving || phones.some(({ ringing }) => ringing > 0);
}

/** Between what is stored and what the phones believe. */
export function disagreements(scene: Scene): string[] {
  const { recorder } = scene.under;
  const sessions = [...recorder.sessions.values()].map((text) => JSON.parse(text) as SessionState);
  const parties = sessions.flatMap(({ caller, callee, joining }) => [
    caller,
    callee,
    ...(joining ? [joining.party] : []),
  ]);
  const legs = parties.flatMap(({ leg }) => (leg ? [leg.dialog.remoteTag] : [])).toSorted();
  const believed = scene.phones.flatMap(({ inCalls }) => inCalls).toSorted();
  const ongoing = [...recorder.calls.values()].filter(({ state }) => state !== 'Released');
  const ofParties = parties.flatMap(({ callId }) => callId ?? []).toSorted();
  return [
    ...recorder.impossible,
    ...(legs.join() === believed.join()
      ? []
      : [`${legs.length} legs stored, phones in ${believed.length} calls`]),
    ...(ongoing
      .map(({ callId }) => callId)
      .toSorted()
      .join() === ofParties.join()
      ? []
      : [
          `ongoing: ${ongoing.map(({ owner, state }) => `${owner.userId} ${state}`).join()}, of parties: ${ofParties.length}`,
        ]),
    ...(unsettled(scene) ? ['something rings or is between two states for ever'] : []),
    ...sessions.filter(({ caller, callee }) => !caller.leg || !callee.leg).map(() => 'a party is alone'),
    ...sessions.filter(({ joining }) => joining).map(() => 'somebody joins for ever'),
    ...endedTwice(scene),
  ];
}

function endedTwice({ under: { recorder } }: Scene): string[] {
  const ended = recorder.facts.filter(({ kind }) => kind === 'released').map(({ callId }) => callId);
  return new Set(ended).size === ended.length ? [] : ['a call has ended twice'];
}

/** What a release of all calls has left. */
export function leftovers(scene: Scene): string[] {
  const { sessions, calls } = scene.under.recorder;
  const open = [...scene.media.open.keys()].filter((id) => !sessions.has(id));
  const ongoing = [...calls.values()].filter(({ state }) => state !== 'Released');
  return [
    ...(ongoing.length > 0 ? [`after the release ${ongoing.length} calls are left`] : []),
    ...scene.phones
      .filter(({ inCalls }) => inCalls.length > 0 && ongoing.length === 0 && sessions.size === 0)
      .map(({ addressOfRecord }) => `after the release ${addressOfRecord} is still in a call`),
    ...(open.length > 0 ? [`after the release ${open.length} media bridges are open`] : []),
    ...endedTwice(scene),
  ];
}
