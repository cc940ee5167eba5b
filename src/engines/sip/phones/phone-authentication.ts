import type { Directory } from '../../../directory/application/directory.js';
import { credentialsOf, DigestAuthenticator } from '../../../sip/digest.js';
import { header } from '../../../sip/message.js';
import type { ServerTransaction } from '../../../sip/stack.js';
import { parseUri } from '../../../sip/uri.js';
import type { SipEngineSettings } from '../sip-services.js';

const NONCE_TTL_MS = 5 * 60_000;

/** Digest authentication of the users' devices (RFC 8760): the realm is the host of the address of record. */
export class PhoneAuthentication {
  private readonly realms = new Map<string, DigestAuthenticator>();

  constructor(
    private readonly directory: Directory,
    private readonly settings: Pick<SipEngineSettings, 'nonceSecret' | 'digestAlgorithms'>,
  ) {}

  /**
   * The device's address of record when the request proves to come from it; otherwise the request is answered
   * (401 with challenges, 403 or 404) and the result is undefined.
   * @param uri of the device, from To (REGISTER) or From
   */
  check(incoming: ServerTransaction, uri: string, method: 'REGISTER' | 'INVITE'): string | undefined {
    const addressOfRecord = addressOfRecordOf(uri);
    const found = addressOfRecord && this.directory.findDevice(addressOfRecord);
    if (!found) {
      incoming.respond(method === 'REGISTER' ? 404 : 403);
      return undefined;
    }
    const [user = '', realm = ''] = found.device.addressOfRecord.split('@');
    const authenticator = this.authenticatorOf(realm);
    const authorization = header(incoming.request, 'authorization');
    const verdict =
      authorization !== undefined && credentialsOf(authorization)?.username === user
        ? authenticator.verify(incoming.request, authorization, found.device.password)
        : 'wrong';
    if (verdict === 'ok') return found.device.addressOfRecord;
    incoming.respond(401, {
      headers: { 'www-authenticate': authenticator.challenges(verdict === 'stale') },
    });
    return undefined;
  }

  private authenticatorOf(realm: string): DigestAuthenticator {
    let authenticator = this.realms.get(realm);
    if (!authenticator) {
      authenticator = new DigestAuthenticator({
        realm,
        secret: this.settings.nonceSecret,
        nonceTtlMs: NONCE_TTL_MS,
        algorithms: this.settings.digestAlgorithms,
      });
      this.realms.set(realm, authenticator);
    }
    return authenticator;
  }
}

/** `user@host` of a SIP URI. */
export function addressOfRecordOf(uri: string): string | undefined {
  const { user, host } = parseUri(uri);
  return user && `${user}@${host.toLowerCase()}`;
}
