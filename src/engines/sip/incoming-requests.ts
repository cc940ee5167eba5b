import { Logger } from '@nestjs/common';
import { type Admission, COME_AGAIN_AFTER_SECONDS } from '../../calls/application/admission.js';
import { aboutCall, nameCall } from '../../calls/application/call-context.js';
import type { Destination } from '../../calls/application/call-engine.js';
import { StoreUnavailable } from '../../calls/application/call-repository.js';
import type { FindDestination } from '../../calls/application/find-destination.js';
import { CallRefused } from '../../calls/domain/call-refused.js';
import type { AnchorCalls } from '../../imrn/application/anchor-calls.js';
import type { Directory } from '../../directory/application/directory.js';
import { acceptInDialog } from '../../sip/dialog.js';
import { header, type SipRequest, tagOf } from '../../sip/message.js';
import { audioOf } from '../../sip/sdp.js';
import type { ServerTransaction } from '../../sip/stack.js';
import { parseUri } from '../../sip/uri.js';
import type { HangUp } from './hang-up.js';
import type { Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import { ALLOW, contactOf, STORE_RETRY_AFTER_S } from './own-headers.js';
import { addressOfRecordOf, type PhoneAuthentication } from './phones/phone-authentication.js';
import { callerOf, type IncomingCaller, type PhoneCall } from './phone-call.js';
import type { PhoneChanges } from './phone-changes.js';
import type { Refer } from './transfers/refer.js';
import type { Registrar } from './phones/registrar.js';
import type { Routing } from './phones/routing.js';
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
    private readonly refer: Refer,
    private readonly anchors: AnchorCalls,
    private readonly hangUp: HangUp,
    private readonly admission: Admission,
  ) {}

  receive(incoming: ServerTransaction): void {
    aboutCall({}, () => {
      this.dispatch(incoming).catch((error: unknown) => {
        if (error instanceof StoreUnavailable)
          return incoming.respond(503, { headers: { 'retry-after': [STORE_RETRY_AFTER_S] } });
        this.logger.error(
          `${incoming.request.method} failed: ${error instanceof Error ? error.stack : String(error)}`,
        );
        incoming.respond(500);
      });
    });
  }

  receiveAck(ack: SipRequest): void {
    const found = this.sessions.ofTag(tagOf(ack.to));
    const leg = found?.party.leg;
    if (!found || !leg) return;
    const waiting = found.live.awaitedAcks.get(leg);
    found.live.awaitedAcks.delete(leg);
    waiting?.(ack);
    if (found.live.over) this.sessions.remove(found.live);
  }

  private async dispatch(incoming: ServerTransaction): Promise<void> {
    const { request } = incoming;
    const refused = refuseUnsupported(request);
    if (refused) return incoming.respond(refused.status, { headers: refused.headers });
    const localTag = tagOf(request.to);
    if (localTag !== undefined) {
      const found = this.sessions.ofTag(localTag);
      return found && !found.live.over
        ? this.inDialog(incoming, found.live, found.party)
        : incoming.respond(481);
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
    nameCall({ callId: party.callId, externalTrackingId: live.state.id });
    const { request } = incoming;
    const { leg } = party;
    if (!leg) return incoming.respond(481);
    if (acceptInDialog(leg.dialog, request) === 'outOfOrder') return incoming.respond(500);
    switch (request.method) {
      case 'BYE':
        incoming.respond(200);
        return this.hangUp.byPhone(live, party);
      case 'INVITE':
        return this.phoneChanges.reinvite(live, party, incoming);
      case 'REFER':
        return this.refer.receive(live, party, incoming);
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
    if (!this.admission.open)
      return incoming.respond(503, { headers: { 'retry-after': [String(COME_AGAIN_AFTER_SECONDS)] } });
    const caller = this.callerOf(incoming);
    if (!caller) return;
    const dialled = dialledNumber(incoming.request);
    const anchored = dialled && (await this.anchors.claim(dialled, caller.address));
    if (anchored === 'refused') return incoming.respond(603);
    if (anchored) {
      const anchoredCaller = callerOf(anchored.user, mobileOf(caller, this.services.stack.host));
      if (!anchoredCaller) return incoming.respond(403);
      return this.phoneCall.run(incoming, anchoredCaller, anchored.destination);
    }
    const destination = this.destinationOf(dialled, caller);
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
  private destinationOf(dialled: string | undefined, caller: IncomingCaller): Destination | undefined {
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

function dialledNumber({ uri }: SipRequest): string | undefined {
  const { scheme, user, host } = parseUri(uri);
  return scheme === 'tel' ? host : user;
}

/** The device that carries an anchored call: one of the user's own, or the mobile by its number. */
function mobileOf({ addressOfRecord, address }: IncomingCaller, host: string): string {
  return addressOfRecord ?? `${address}@${host}`;
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
