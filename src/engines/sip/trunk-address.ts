import { lookup } from 'node:dns/promises';
import type { SipEngineSettings } from './sip-services.js';

/** The trunk by address, which is what requests come from and what the stack sends to. @throws Error naming the host */
export async function withTrunkAddress(settings: SipEngineSettings): Promise<SipEngineSettings> {
  const { trunk } = settings;
  if (!trunk) return settings;
  try {
    const { address } = await lookup(trunk.host, { family: 4 });
    return { ...settings, trunk: { ...trunk, host: address } };
  } catch (error) {
    throw new Error(`The host of SIP_TRUNK, ${trunk.host}, has no IPv4 address`, { cause: error });
  }
}
