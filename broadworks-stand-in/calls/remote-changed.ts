import type { CallSwitch } from './call-switch.ts';
import type { Side } from './session.ts';

/** Facts: Xsi-Events, "CallUpdatedEvent". Assumption: a changed remote party is told by it. */
export function remoteChanged(calls: CallSwitch, side: Side): void {
  for (const half of [side.half, side.replacement?.half]) {
    if (half && !half.released) calls.tell(half, 'CallUpdatedEvent');
  }
}
