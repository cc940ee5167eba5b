import { parseNameAddr } from '../../../sip/name-addr.js';
import { header, type SipRequest } from '../../../sip/message.js';
import type { ServerTransaction } from '../../../sip/stack.js';
import { parseUri } from '../../../sip/uri.js';
import { KeepRegistrations } from './keep-registrations.js';
import type { PhoneAuthentication } from './phone-authentication.js';
import type { RegistrationStore, StoredBinding } from './registration-store.js';

const MIN_EXPIRES_S = 60;
const DEFAULT_EXPIRES_S = 3600;
const MAX_EXPIRES_S = 7200;
/** Phones of one address of record; more would be a mistake or an attack. */
const MAX_CONTACTS = 10;

/** Where the users' phones are (RFC 3261 §10.3). Bindings are kept in the store, so a restart forgets no phone. */
export class Registrar {
  private readonly bindings = new Map<string, StoredBinding[]>();
  private readonly kept: KeepRegistrations;

  constructor(
    private readonly store: RegistrationStore,
    private readonly authentication: PhoneAuthentication,
  ) {
    this.kept = new KeepRegistrations(store, (addressOfRecord) => this.stored(addressOfRecord));
  }

  async load(): Promise<void> {
    for (const binding of await this.store.load()) {
      this.bindings.set(binding.addressOfRecord, [...this.stored(binding.addressOfRecord), binding]);
    }
  }

  stop(): void {
    this.kept.stop();
  }

  /** Contacts that have not expired. */
  contactsOf(addressOfRecord: string): StoredBinding[] {
    const now = Date.now();
    return this.stored(addressOfRecord).filter((binding) => binding.expiresAt > now);
  }

  /** Bindings that have not expired, over all devices. */
  get size(): number {
    let count = 0;
    for (const addressOfRecord of this.bindings.keys()) count += this.contactsOf(addressOfRecord).length;
    return count;
  }

  async register(incoming: ServerTransaction): Promise<void> {
    const { request } = incoming;
    const addressOfRecord = this.authentication.check(incoming, request.to.uri, 'REGISTER');
    if (!addressOfRecord) return;
    const changes = readContacts(request);
    if (changes === 'malformed') return incoming.respond(400, { reason: 'Contact cannot be understood' });
    const current = this.contactsOf(addressOfRecord);
    if (changes === 'remove all') return this.replace(incoming, addressOfRecord, []);

    let next = current;
    for (const { contact, expires, q, instance } of changes) {
      const before = current.find((binding) => binding.contact === contact);
      if (before && before.callId === request.callId && before.cseq >= request.cseq.number) {
        return incoming.respond(500, { reason: 'CSeq is not higher than that of the binding' });
      }
      if (expires > 0 && expires < MIN_EXPIRES_S) {
        return incoming.respond(423, { headers: { 'min-expires': [String(MIN_EXPIRES_S)] } });
      }
      next = next.filter(
        (binding) => binding.contact !== contact && (instance === undefined || binding.instance !== instance),
      );
      if (expires === 0) continue;
      next = [
        ...next,
        {
          addressOfRecord,
          contact,
          q,
          ...(instance !== undefined && { instance }),
          callId: request.callId,
          cseq: request.cseq.number,
          target: incoming.source,
          expiresAt: Date.now() + Math.min(expires, MAX_EXPIRES_S) * 1000,
        },
      ];
    }
    if (next.length > MAX_CONTACTS) return incoming.respond(403, { reason: 'Too many contacts' });
    return this.replace(incoming, addressOfRecord, next);
  }

  private async replace(
    incoming: ServerTransaction,
    addressOfRecord: string,
    next: StoredBinding[],
  ): Promise<void> {
    const before = this.stored(addressOfRecord);
    this.bindings.set(addressOfRecord, next);
    const gone = before.filter((old) => !next.some((binding) => binding.contact === old.contact));
    const changed = [...next.filter((binding) => !before.includes(binding)), ...gone];
    await this.kept.write(
      addressOfRecord,
      changed.map(({ contact }) => contact),
    );
    const now = Date.now();
    const contact = next.map(
      (binding) =>
        `<${binding.contact}>;expires=${Math.max(0, Math.round((binding.expiresAt - now) / 1000))}`,
    );
    incoming.respond(200, {
      headers: { ...(contact.length > 0 && { contact }), date: [new Date().toUTCString()] },
    });
  }

  private stored(addressOfRecord: string): StoredBinding[] {
    return this.bindings.get(addressOfRecord) ?? [];
  }
}

interface ContactChange {
  contact: string;
  /** Seconds; 0 removes. */
  expires: number;
  q: number;
  instance?: string;
}

function readContacts(request: SipRequest): ContactChange[] | 'remove all' | 'malformed' {
  const values = request.headers.contact ?? [];
  const general = seconds(header(request, 'expires'), DEFAULT_EXPIRES_S);
  if (values.length === 1 && values[0]?.trim() === '*') return general === 0 ? 'remove all' : 'malformed';
  if (values.length > MAX_CONTACTS) return 'malformed';
  try {
    return values.map((value) => {
      const { uri, params } = parseNameAddr(value);
      parseUri(uri);
      const q = Number(params.q ?? 1);
      return {
        contact: uri,
        expires: seconds(params.expires === true ? undefined : params.expires, general),
        q: q >= 0 && q <= 1 ? q : 1,
        ...(typeof params['+sip.instance'] === 'string' && { instance: params['+sip.instance'] }),
      };
    });
  } catch {
    return 'malformed';
  }
}

function seconds(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,10}$/.test(text.trim()) ? Number(text) : otherwise;
}
