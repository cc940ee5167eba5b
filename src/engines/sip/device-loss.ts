import { Logger } from '@nestjs/common';
import type { Directory } from '../../directory/application/directory.js';
import type { HangUp } from './hang-up.js';
import type { LiveSession } from './live-session.js';
import type { RecordCalls } from './record-calls.js';
import type { Routing } from './phones/routing.js';
import type { Party } from './session.js';
import type { SipServices } from './sip-services.js';

/** A phone has lost its call: where its user has another device the call waits, `Detached`, to be retrieved there. */
export class DeviceLoss {
  private readonly logger = new Logger(DeviceLoss.name);

  constructor(
    private readonly services: SipServices,
    private readonly directory: Directory,
    private readonly routing: Routing,
    private readonly recordings: RecordCalls,
    private readonly hangUp: HangUp,
  ) {}

  async lost(live: LiveSession, party: Party): Promise<void> {
    if (!party.callId || live.state.joining || !this.hasOtherDevice(party)) return this.end(live, party);
    if (party.leg?.addressOfRecord) party.lost = party.leg.addressOfRecord;
    delete party.leg;
    party.detached = true;
    live.recordSoon([{ kind: 'detached', callId: party.callId, at: Date.now() }]);
    await this.recordings.follow(live);
    const giveUp = () => {
      if (!live.parties.includes(party) || party.leg || live.state.joining) return;
      this.end(live, party).catch((error: unknown) => {
        live.about(() => this.logger.error(`Not ended: ${String(error)}`), party);
      });
    };
    setTimeout(giveUp, this.services.settings.retrieveTimeoutMs).unref();
  }

  private end(live: LiveSession, party: Party): Promise<void> {
    return this.hangUp.end(live, { cause: 'unreachable', by: party, gone: party });
  }

  private hasOtherDevice({ user: ref, leg }: Party): boolean {
    const user = ref && this.directory.findUser(ref);
    if (!user) return false;
    const devices = user.devices.filter(({ addressOfRecord }) => addressOfRecord !== leg?.addressOfRecord);
    return this.routing.canReach({ ...user, devices });
  }
}
