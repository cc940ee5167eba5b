import { Logger } from '@nestjs/common';
import type { Destination } from '../../calls/application/call-engine.js';
import type { FindDestination } from '../../calls/application/find-destination.js';
import { CallRefused } from '../../calls/domain/call-refused.js';
import type { Directory } from '../../directory/application/directory.js';
import { acceptInDialog } from '../../sip/dialog.js';
import { header, type SipRequest, tagOf } from '../../sip/message.js';
import { audioOf } from '../../sip/sdp.js';
import type { ServerTransaction } from '../../sip/stack.js';
import { parseUri } from '../../sip/uri.js';
import type { HangUp } from './hang-up.js';
import type { Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import { ALLOW, contactOf } from './own-headers.js';
import { addressOfRecordOf, type PhoneAuthentication } from './phone-authentication.js';
import { callerOf, type IncomingCaller, type PhoneCall } from './phone-call.js';
import type { PhoneChanges } from './phone-changes.js';
import type { Registrar } from './registrar.js';
import type { Routing } from './routing.js';
import type { Party } from './session.js';
import { refusedSessionInterval } from './session-refresh.js';
import type { Sessions } from './sessions.js';
import type { SipServices } from './sip-services.js';

const EXTENSIONS = new Set(['timer']);

/** Where a request of a phone or of the trunk goes. */
export class IncomingRequests {
  private readonly logger = new Logger(IncomingRequests.name);

  constructor(
    private readonly services: SipServices,
    private readonly sessions: Sessions,
    private readonly registrar: Registrar,
    private readonly authentication: PhoneAuthentication,
    private readonly directory: Directory,
    private readonly destinations: FindDestination,
    private readonly routing: Routing,
    private readonly legs: Legs,
    private readonly phoneCall: PhoneCall,
    private readonly phoneChanges: PhoneChanges,
    private readonly hangUp: HangUp,
  ) {}

  receive(incoming: ServerTransaction): void {
    this.dispatch(incoming).catch((error: unknown) => {
      this.logger.error(
        `${incoming.request.method} failed: ${error instanceof Error ? error.stack : String(error)}`,
      );
      incoming.respond(500);
    });
  }

  receiveAck(ack: SipRequest): void {
    const found = this.sessions.ofTag(tagOf(ack.to));
    const leg = found?.party.leg;
    if (!found || !leg) return;
    const waiting = found.live.awaitedAcks.get(leg);
    found.live.awaitedAcks.delete(leg);
    waiting?.(ack);
  }

  private async dispatch(incoming: ServerTransaction): Promise<void> {
    const { request } = incoming;
    const refused = refuseUnsupported(request);
    if (refused) return incoming.respond(refused.status, { headers: refused.headers });
    const localTag = tagOf(request.to);
    if (localTag !== undefined) {
      const found = this.sessions.ofTag(localTag);
      return found ? this.inDialog(incoming, found.live, found.party) : incoming.respond(481);
    }
    switch (request.method) {
      case 'REGISTER':
        return this.registrar.register(incoming);
      case 'INVITE':
        return this.invite(incoming);
      case 'OPTIONS':
        return incoming.respond(200, {
          headers: {
            allow: ALLOW,
            accept: ['application/sdp'],
            supported: ['timer'],
            contact: [contactOf(this.services.stack, incoming.source.transport)],
          },
        });
      case 'BYE':
      case 'INFO':
        return incoming.respond(481);
      default:
        return incoming.respond(405, { headers: { allow: ALLOW } });
    }
  }

  private async inDialog(incoming: ServerTransaction, live: LiveSession, party: Party): Promise<void> {
    const { request } = incoming;
    const { leg } = party;
    if (!leg) return incoming.respond(481);
    if (acceptInDialog(leg.dialog, request) === 'outOfOrder') return incoming.respond(500);
    switch (request.method) {
      case 'BYE':
        incoming.respond(200);
        return this.hangUp.end(live, { cause: 'normal', by: party, gone: party });
      case 'INVITE':
        return this.phoneChanges.reinvite(live, party, incoming);
      case 'INFO': {
        const other = live.other(party).leg;
        if (!other || !live.state.established) return incoming.respond(481);
        return incoming.respond((await this.legs.pass(other, request)).status);
      }
      case 'OPTIONS':
        return incoming.respond(200, { headers: { allow: ALLOW } });
      default:
        return incoming.respond(405, { headers: { allow: ALLOW } });
    }
  }

  private async invite(incoming: ServerTransaction): Promise<void> {
    const caller = this.callerOf(incoming);
    if (!caller) return;
    const destination = this.destinationOf(incoming.request, caller);
    if (!destination) return incoming.respond(404);
    return this.phoneCall.run(incoming, caller, destination);
  }

  /** Who calls; undefined when the INVITE is answered already. */
  private callerOf(incoming: ServerTransaction): IncomingCaller | undefined {
    const { request } = incoming;
    const from = addressOfRecordOf(request.from.uri);
    const device = from && this.directory.findDevice(from);
    if (device) {
      const proved = this.authentication.check(incoming, request.from.uri, 'INVITE');
      const caller = proved && callerOf(device.user, device.device.addressOfRecord);
      if (proved && !caller) incoming.respond(403, { reason: 'User has no charge address' });
      return caller || undefined;
    }
    if (this.routing.isTrunk(incoming.source))
      return { address: parseUri(request.from.uri).user ?? 'anonymous' };
    incoming.respond(403);
    return undefined;
  }

  /** A device may dial what its user may dial; the trunk reaches users by number alone. */
  private destinationOf(request: SipRequest, caller: IncomingCaller): Destination | undefined {
    const { scheme, user, host } = parseUri(request.uri);
    const dialled = scheme === 'tel' ? host : user;
    if (!dialled) return undefined;
    if (!caller.user) {
      const called = this.directory.findUserByNumber(dialled.startsWith('+') ? dialled : `+${dialled}`);
      return called && { address: dialled, user: called };
    }
    try {
      return this.destinations.find(caller.user, dialled);
    } catch (error) {
      if (error instanceof CallRefused) return undefined;
      throw error;
    }
  }
}

function refuseUnsupported(
  request: SipRequest,
): { status: number; headers: Record<string, string[]> } | undefined {
  const unsupported = (request.headers.require ?? []).filter(
    (option) => !EXTENSIONS.has(option.toLowerCase()),
  );
  if (unsupported.length > 0) return { status: 420, headers: { unsupported } };
  if (header(request, 'max-forwards')?.trim() === '0') return { status: 483, headers: {} };
  if (request.method !== 'INVITE') return undefined;
  if (request.body && !isUsableOffer(request)) return { status: 488, headers: {} };
  return refusedSessionInterval(request);
}

function isUsableOffer(request: SipRequest): boolean {
  const type = header(request, 'content-type') ?? 'application/sdp';
  if (!type.toLowerCase().startsWith('application/sdp')) return false;
  try {
    return audioOf(request.body) !== undefined;
  } catch {
    return false;
  }
}
