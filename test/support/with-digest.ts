import { newCallId } from '../../src/sip/dialog.js';
import { authorize } from '../../src/sip/digest.js';
import type { SipRequest, SipResponse } from '../../src/sip/message.js';

export interface Exchange {
  request: SipRequest;
  response: SipResponse;
  ack(ack: SipRequest): void;
}

export type BuildRequest = (cseq: number, callId: string, headers: Record<string, string[]>) => SipRequest;

/** Sends the request, and once more with credentials where it is challenged. */
export async function withDigest(
  build: BuildRequest,
  send: (request: SipRequest) => Promise<Exchange>,
  { username, password }: { username: string; password: string },
): Promise<Exchange> {
  const callId = newCallId('127.0.0.1');
  const first = await send(build(1, callId, {}));
  if (first.response.status !== 401) return first;
  const { method, uri } = first.request;
  const challenges = first.response.headers['www-authenticate'] ?? [];
  const credentials = authorize({ challenges, method, uri, username, password });
  return send(build(2, callId, { authorization: [credentials.value] }));
}
