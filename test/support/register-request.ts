import { createRequest, newTag } from '../../src/sip/dialog.js';
import type { SipRequest } from '../../src/sip/message.js';

export function registerRequest(
  addressOfRecord: string,
  contact: string,
  cseq: number,
  callId: string,
  headers: Record<string, string[]>,
): SipRequest {
  const uri = `sip:${addressOfRecord}`;
  return createRequest({
    method: 'REGISTER',
    uri: `sip:${addressOfRecord.split('@')[1]}`,
    from: { uri, params: { tag: newTag() } },
    to: { uri, params: {} },
    callId,
    cseq,
    contact,
    headers,
  });
}
