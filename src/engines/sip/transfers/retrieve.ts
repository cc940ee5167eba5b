import { Logger } from '@nestjs/common';
import { EngineRefusal } from '../../../calls/application/call-engine.js';
import type { User } from '../../../directory/domain/user.js';
import type { LiveSession } from '../live-session.js';
import { beganFacts, newParty, ringingDevice } from '../parties.js';
import type { ReplaceParty } from './replace-party.js';
import type { Routing } from '../phones/routing.js';
import type { Party } from '../session.js';
import type { SipServices } from '../sip-services.js';

/** Pulls a call to another device of its user (reference page, "Call Retrieve"). */
export class Retrieve {
  private readonly logger = new Logger(Retrieve.name);

  constructor(
    private readonly services: SipServices,
    private readonly routing: Routing,
    private readonly replaceParty: ReplaceParty,
  ) {}

  /** Resolves when the user's other devices are being rung. @param callId of the new call @throws EngineRefusal noDevice */
  async run(live: LiveSession, party: Party, user: User, callId: string): Promise<void> {
    if (user.devices.length < 2) throw new EngineRefusal('noDevice');
    live.refuseSecondReplacement('retrieve');
    if (!live.state.established || !party.callId) throw new EngineRefusal('busy');
    const other = live.other(party);
    const carries = party.leg?.addressOfRecord ?? party.lost;
    const devices = user.devices.filter(({ addressOfRecord }) => addressOfRecord !== carries);
    const invites = this.routing.invitesToUser({ ...user, devices }, other.address, live.state.id);
    if (invites.length === 0) throw new EngineRefusal('noDevice');

    const newcomer = newParty(party.address, user, invites);
    const detached = party.detached
      ? []
      : [{ kind: 'detached' as const, callId: party.callId, at: Date.now() }];
    party.detached = true;
    const replacement = {
      why: 'retrieve' as const,
      replaced: party,
      newcomer,
      begin: [
        ...detached,
        ...beganFacts('dialed', {
          party: newcomer,
          user,
          other,
          sessionId: live.state.id,
          addressOfRecord: ringingDevice(invites),
          callId,
        }),
      ],
      timeoutMs: this.services.settings.retrieveTimeoutMs,
    };
    const begun = this.replaceParty.begin(live, replacement);
    const finished = live.replace('retrieve', async () => {
      await begun;
      await this.replaceParty.finish(live, replacement);
    });
    finished.catch((error: unknown) => {
      if (!(error instanceof EngineRefusal)) this.logger.error(`Retrieve failed: ${String(error)}`);
    });
    return begun;
  }
}
