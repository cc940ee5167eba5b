import type { Destination } from '../../../calls/application/call-engine.js';
import type { User } from '../../../directory/domain/user.js';
import { newBranch, newCallId } from '../../../sip/dialog.js';
import type { Target } from '../../../sip/stack.js';
import { sipUri } from '../../../sip/uri.js';
import type { Registrar } from './registrar.js';
import type { Invite } from '../session.js';
import { newLocalTag } from '../sessions.js';
import type { SipServices } from '../sip-services.js';

/** Which INVITEs reach a destination: one per registered device, or one to the trunk. */
export class Routing {
  constructor(
    private readonly services: SipServices,
    private readonly registrar: Registrar,
  ) {}

  canReach(user: User): boolean {
    return user.devices.some((device) => this.registrar.contactsOf(device.addressOfRecord).length > 0);
  }

  /** Empty where nothing can be reached. @param from what the called party sees: E.164 or extension */
  invitesTo(destination: Destination, from: string, sessionId: string): Invite[] {
    if (destination.user) return this.invitesToUser(destination.user, from, sessionId);
    const { trunk } = this.services.settings;
    if (!trunk) return [];
    const uri = sipUri(destination.address, trunk.host, trunk.port);
    return [this.invite({ uri, toUri: uri, from, sessionId, target: trunk })];
  }

  /**
   * The contacts of the user's devices that have the highest preference (q, RFC 3261 §16.6), over all devices: a real
   * phone rings before the stand-ins of the sandbox, and not only before its own.
   */
  invitesToUser(user: User, from: string, sessionId: string): Invite[] {
    const contacts = user.devices.flatMap((device) => this.registrar.contactsOf(device.addressOfRecord));
    const best = Math.max(...contacts.map(({ q }) => q));
    return contacts
      .filter(({ q }) => q === best)
      .map(({ addressOfRecord, contact, target }) =>
        this.invite({
          uri: contact,
          toUri: `sip:${addressOfRecord}`,
          from,
          sessionId,
          target,
          addressOfRecord,
        }),
      );
  }

  private invite(
    given: Pick<Invite, 'uri' | 'toUri' | 'target' | 'addressOfRecord'> & { from: string; sessionId: string },
  ): Invite {
    const { from, sessionId, ...rest } = given;
    const { host, port } = this.services.stack;
    return {
      ...rest,
      fromUri: sipUri(from, host, port),
      callId: newCallId(host),
      localTag: newLocalTag(sessionId),
      cseq: 1,
      branch: newBranch(),
    };
  }

  /** Whether a request from there comes from the trunk: by address, since a trunk may send from any port. */
  isTrunk(source: Target): boolean {
    return this.services.settings.trunk?.host === source.host;
  }
}
