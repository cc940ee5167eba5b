import type { RemoteParty } from '../../calls/domain/call.js';
import type { Directory } from '../../directory/application/directory.js';
import { addressOf } from '../../directory/domain/user.js';
import { presentedNumbers } from '../../numbering/domain/phone-number.js';
import type { Accounts, OnSwitch } from './accounts.js';
import type { SeenCall } from './xsi/seen-call.js';

/**
 * The remote party as this service writes it: E.164 where there is one, else the extension. Switches write numbers as
 * they were dialled, and name colleagues by their accounts. Undefined where the switch tells nobody.
 */
export function remotePartyOf(
  { remoteAddress, remoteUserId, callType }: SeenCall,
  owner: OnSwitch,
  accounts: Accounts,
  directory: Directory,
): RemoteParty | undefined {
  const colleague =
    remoteUserId === undefined ? undefined : accounts.find(owner.account.cluster, remoteUserId);
  const address = (colleague && addressOf(colleague.user)) ?? inOurWriting(remoteAddress, owner, directory);
  if (address === undefined) return undefined;
  return { address, callType: callType === 'Group' ? 'Group' : 'Unknown' };
}

function inOurWriting(
  address: string | undefined,
  { user }: OnSwitch,
  directory: Directory,
): string | undefined {
  // Of an address with a host the host is nobody's business here.
  const text = address?.replace(/@.*$/, '');
  if (!text) return undefined;
  const { tenantId, groupId } = user.ref;
  const group = directory.findGroup(tenantId, groupId);
  const [meant] = group ? presentedNumbers(text, group) : [];
  if (!meant) return text;
  if (meant.kind === 'number') return meant.e164;
  const colleague = directory.findUserByExtension(tenantId, groupId, meant.extension);
  return (colleague && addressOf(colleague)) ?? meant.extension;
}
