import { ackFor, dialogFromStrayResponse, inDialogRequest, nextHop } from '../../sip/dialog.js';
import { type SipResponse, tagOf } from '../../sip/message.js';
import { inactiveAnswerTo } from '../../sip/sdp.js';
import type { SipStack } from '../../sip/sip-stack.js';
import type { Target } from '../../sip/stack.js';
import type { Sessions } from './sessions.js';

/**
 * A 2xx that no transaction waits for: its INVITE was sent by a process that died. A leg that the store knows gets
 * its ACK again; any other phone has answered a call that is over, and is hung up.
 */
export function endStrayAnswer(
  stack: SipStack,
  sessions: Sessions,
  response: SipResponse,
  source: Target,
): void {
  const known = sessions.ofTag(tagOf(response.from))?.party.leg;
  if (known) {
    const ack = ackFor(known.dialog, response.cseq.number, known.sdp.local ? { body: known.sdp.local } : {});
    stack.sendAck(ack, nextHop(known.dialog));
    return;
  }
  const dialog = dialogFromStrayResponse(response, source);
  const answer = answerNothing(stack, response.body);
  stack.sendAck(ackFor(dialog, response.cseq.number, answer ? { body: answer } : {}), nextHop(dialog));
  stack.sendRequest(inDialogRequest(dialog, 'BYE', {}), nextHop(dialog), { onResponse: () => undefined });
}

function answerNothing(stack: SipStack, offer: string): string | undefined {
  try {
    return offer ? inactiveAnswerTo(offer, { address: stack.host }) : undefined;
  } catch {
    return undefined;
  }
}
