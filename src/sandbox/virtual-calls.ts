import {
  ackFor,
  dialogFromRequest,
  type DialogState,
  inDialogRequest,
  newTag,
  nextHop,
  refreshTarget,
  acceptInDialog,
} from '../sip/dialog.js';
import { tagOf } from '../sip/message.js';
import { answerTo, inactiveOffer, rewriteDirection } from '../sip/sdp.js';
import type { SipStack } from '../sip/sip-stack.js';
import type { ServerTransaction } from '../sip/stack.js';

/** What a virtual phone does with a call. Times in milliseconds after the INVITE, or after the step before. */
export interface Behaviour {
  /** Final refusal instead of an answer. */
  refuse?: number;
  /** Rings and answers after this time; without it, it rings for ever. */
  answerAfter?: number;
  hangUpAfter?: number;
  holdAfter?: number;
  resumeAfter?: number;
}

interface VirtualCall {
  dialog: DialogState;
  timers: Set<NodeJS.Timeout>;
}

/** Calls of the virtual phones: user agent servers without media (RFC 3261 §13.3). */
export class VirtualCalls {
  private readonly calls = new Map<string, VirtualCall>();

  /** @param contact header value for a user of the sandbox */
  constructor(private readonly stack: () => SipStack) {}

  get size(): number {
    return this.calls.size;
  }

  clear(): void {
    for (const { timers } of this.calls.values()) for (const timer of timers) clearTimeout(timer);
    this.calls.clear();
  }

  ring(incoming: ServerTransaction, contact: string, behaviour: Behaviour): void {
    const localTag = newTag();
    const dialog = dialogFromRequest(incoming.request, localTag, incoming.source);
    const call: VirtualCall = { dialog, timers: new Set() };
    if (behaviour.refuse) return incoming.respond(behaviour.refuse, { toTag: localTag });
    this.calls.set(localTag, call);
    const headers = { contact: [contact] };
    incoming.respond(180, { toTag: localTag, headers });
    incoming.onCancel = () => {
      this.forget(localTag);
      incoming.respond(487, { toTag: localTag });
    };
    incoming.onNoAck = () => this.forget(localTag);
    if (behaviour.answerAfter === undefined) return;
    this.after(call, behaviour.answerAfter, () => {
      incoming.respond(200, { toTag: localTag, headers, body: this.sdpFor(incoming.request.body) });
      this.afterAnswer(call, contact, behaviour);
    });
  }

  /** Requests in the dialogs of virtual calls. */
  inDialog(incoming: ServerTransaction, contact: string): void {
    const { request } = incoming;
    const localTag = tagOf(request.to) ?? '';
    const call = this.calls.get(localTag);
    if (!call) return incoming.respond(481);
    if (acceptInDialog(call.dialog, request) === 'outOfOrder') return incoming.respond(500);
    if (request.method === 'BYE') this.forget(localTag);
    if (request.method === 'INVITE') {
      return incoming.respond(200, { headers: { contact: [contact] }, body: this.sdpFor(request.body) });
    }
    incoming.respond(
      request.method === 'BYE' || request.method === 'OPTIONS' || request.method === 'INFO' ? 200 : 405,
    );
  }

  private afterAnswer(call: VirtualCall, contact: string, behaviour: Behaviour): void {
    const { hangUpAfter, holdAfter, resumeAfter } = behaviour;
    if (hangUpAfter !== undefined) this.after(call, hangUpAfter, () => this.hangUp(call));
    if (holdAfter !== undefined) {
      this.after(call, holdAfter, () => {
        this.offer(call, contact, 'sendonly');
        if (resumeAfter !== undefined)
          this.after(call, resumeAfter, () => this.offer(call, contact, 'sendrecv'));
      });
    }
  }

  private offer(call: VirtualCall, contact: string, direction: 'sendonly' | 'sendrecv'): void {
    const request = inDialogRequest(call.dialog, 'INVITE', {
      contact,
      body: rewriteDirection(inactiveOffer({ address: this.stack().host }), direction),
      contentType: 'application/sdp',
    });
    const transaction = this.stack().sendRequest(request, nextHop(call.dialog), {
      onResponse: (response) => {
        if (response.status < 200 || response.status >= 300) return;
        refreshTarget(call.dialog, response);
        transaction.ack(response, ackFor(call.dialog, response.cseq.number, {}), nextHop(call.dialog));
      },
    });
  }

  private hangUp(call: VirtualCall): void {
    this.forget(call.dialog.localTag);
    this.stack().sendRequest(inDialogRequest(call.dialog, 'BYE', {}), nextHop(call.dialog), {
      onResponse: () => undefined,
    });
  }

  private forget(localTag: string): void {
    for (const timer of this.calls.get(localTag)?.timers ?? []) clearTimeout(timer);
    this.calls.delete(localTag);
  }

  private after(call: VirtualCall, ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      call.timers.delete(timer);
      act();
    }, ms);
    call.timers.add(timer);
  }

  private sdpFor(offer: string): string {
    const address = this.stack().host;
    if (!offer) return rewriteDirection(inactiveOffer({ address }), 'sendrecv');
    return answerTo(offer, { address });
  }
}
