import { EngineRefusal } from '../../../calls/application/call-engine.js';
import { StoreUnavailable } from '../../../calls/application/call-repository.js';
import type { FindDestination } from '../../../calls/application/find-destination.js';
import { CallRefused } from '../../../calls/domain/call-refused.js';
import { sameUser } from '../../../directory/domain/user.js';
import type { Directory } from '../../../directory/application/directory.js';
import { header, type SipResponse } from '../../../sip/message.js';
import { parseNameAddr } from '../../../sip/name-addr.js';
import { reasonOf } from '../../../sip/reasons.js';
import type { ServerTransaction } from '../../../sip/stack.js';
import { parseUri, type SipUri } from '../../../sip/uri.js';
import type { BlindTransfer } from './blind-transfer.js';
import { statusOfCause } from '../causes.js';
import type { ConsultativeTransfer, OwnCall } from './consultative-transfer.js';
import type { Legs } from '../legs.js';
import type { LiveSession } from '../live-session.js';
import { NotReplaced } from './replace-party.js';
import type { Leg, Party } from '../session.js';
import type { Sessions } from '../sessions.js';

const TRYING = 100;
const OK = 200;

/** Transfers that a user asks for on the phone (RFC 3515, RFC 5589), carried out as those of the API are. */
export class Refer {
  constructor(
    private readonly directory: Directory,
    private readonly destinations: FindDestination,
    private readonly sessions: Sessions,
    private readonly legs: Legs,
    private readonly blindTransfer: BlindTransfer,
    private readonly consultativeTransfer: ConsultativeTransfer,
  ) {}

  async receive(live: LiveSession, party: Party, incoming: ServerTransaction): Promise<void> {
    const { leg } = party;
    const to = referredTo(incoming);
    if (!to) return incoming.respond(400, { reason: 'Refer-To cannot be understood' });
    const user = party.user && this.directory.findUser(party.user);
    // The outside world may not have calls made at the expense of a user.
    if (!user || !leg || !live.state.established) return incoming.respond(403);
    const dialled = to.scheme === 'tel' ? to.host : to.user;
    const replaced = replacedDialog(to);
    const other = replaced && this.ownCall(replaced, party);
    if (replaced ? !other : !dialled) return incoming.respond(404);
    let destination;
    try {
      destination = other ? undefined : this.destinations.find(user, dialled ?? '');
    } catch (error) {
      if (error instanceof CallRefused) return incoming.respond(404);
      throw error;
    }
    incoming.respond(202, { headers: { contact: [this.legs.contact(leg.dialog.target.transport)] } });
    this.notify(leg, TRYING, 'active;expires=60');
    const ringing = (response: SipResponse) => this.notify(leg, response.status, 'active;expires=60');
    live.referrers.set(party, () => this.notify(leg, OK, 'terminated;reason=noresource'));
    const outcome = destination
      ? this.blindTransfer.run(live, party, destination, ringing)
      : this.consultativeTransfer.run({ live, party }, other as OwnCall);
    try {
      await outcome;
    } catch (error) {
      if (party.leg && !live.over) this.notify(party.leg, statusOf(error), 'terminated;reason=noresource');
      if (!(error instanceof EngineRefusal || error instanceof StoreUnavailable)) throw error;
    } finally {
      live.referrers.delete(party);
    }
  }

  /** The user's other call, by the dialog that the phone has of it. */
  private ownCall({ callId, tags }: ReplacedDialog, party: Party): OwnCall | undefined {
    for (const tag of tags) {
      const found = this.sessions.ofTag(tag);
      const dialog = found?.party.leg?.dialog;
      if (dialog?.callId !== callId || !tags.includes(dialog.remoteTag)) continue;
      const { user } = found?.party ?? {};
      if (found && user && party.user && sameUser(user, party.user)) return found;
    }
    return undefined;
  }

  private notify(leg: Leg, status: number, subscription: string): void {
    this.legs.notify(leg, subscription, `SIP/2.0 ${status} ${reasonOf(status)}\r\n`);
  }
}

interface ReplacedDialog {
  callId: string;
  /** to-tag and from-tag: whose is whose depends on who reads it, so both orders are looked for. */
  tags: string[];
}

function referredTo(incoming: ServerTransaction): SipUri | undefined {
  const values = incoming.request.headers['refer-to'] ?? [];
  if (values.length !== 1) return undefined;
  try {
    return parseUri(parseNameAddr(header(incoming.request, 'refer-to') ?? '').uri);
  } catch {
    return undefined;
  }
}

/** The `Replaces` header in the URI (RFC 3891). */
function replacedDialog({ headers = '' }: SipUri): ReplacedDialog | undefined {
  const value = new URLSearchParams(headers.replaceAll('+', '%2B')).get('Replaces');
  if (value === null) return undefined;
  const [callId = '', ...params] = value.split(';');
  const tags = params.flatMap((param) => /^(?:to|from)-tag=(.+)$/.exec(param)?.[1] ?? []);
  return { callId, tags };
}

/** The final response that the phone is told of in the NOTIFY. */
function statusOf(refusal: unknown): number {
  if (refusal instanceof NotReplaced) return statusOfCause(refusal.why);
  if (!(refusal instanceof EngineRefusal)) return refusal instanceof StoreUnavailable ? 503 : 500;
  return refusal.reason === 'busy' || refusal.reason === 'consultationInProgress' ? 491 : 480;
}
