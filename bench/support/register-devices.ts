import { createRequest, newCallId, newTag } from '#service/sip/dialog.js';
import { authorize } from '#service/sip/digest.js';
import type { SipResponse } from '#service/sip/message.js';
import type { SipStack } from '#service/sip/sip-stack.js';
import type { Target } from '#service/sip/stack.js';

const AT_ONCE = 50;
const EXPIRES_S = 7_200;

export interface Device {
  addressOfRecord: string;
  password: string;
}

/** Where the phones of a bench are reached: all on the one stack. */
export function contactOf(user: string, { host, port }: Pick<SipStack, 'host' | 'port'>): string {
  return `<sip:${user}@${host}:${port}>`;
}

/** Registers the devices with the stack as their address. @throws Error when one is refused */
export async function registerDevices(stack: SipStack, registrar: Target, devices: Device[]): Promise<void> {
  for (let from = 0; from < devices.length; from += AT_ONCE) {
    await Promise.all(
      devices.slice(from, from + AT_ONCE).map((device) => registerOne(stack, registrar, device)),
    );
  }
}

async function registerOne(
  stack: SipStack,
  registrar: Target,
  { addressOfRecord, password }: Device,
): Promise<void> {
  const [username = '', realm = ''] = addressOfRecord.split('@');
  const uri = `sip:${realm}`;
  const callId = newCallId(stack.host);
  const first = await send(1, {});
  const challenges = first.headers['www-authenticate'] ?? [];
  const credentials = authorize({ challenges, method: 'REGISTER', uri, username, password });
  const second = await send(2, { authorization: [credentials.value] });
  if (second.status !== 200) throw new Error(`${addressOfRecord}: REGISTER was answered ${second.status}`);

  function send(cseq: number, headers: Record<string, string[]>): Promise<SipResponse> {
    const address = { uri: `sip:${addressOfRecord}` };
    const request = createRequest({
      method: 'REGISTER',
      uri,
      from: { ...address, params: { tag: newTag() } },
      to: { ...address, params: {} },
      callId,
      cseq,
      contact: `${contactOf(username, stack)};expires=${EXPIRES_S}`,
      headers,
    });
    return new Promise((resolve) => {
      stack.sendRequest(request, registrar, {
        onResponse: (response) => response.status >= 200 && resolve(response),
      });
    });
  }
}
